"""What is loaded where it is used, loaded before a server listens: no first request waits."""

import importlib

_LATE = (
    "PIL.ImageOps",
    "argon2",
    "babel.dates",
    "babel.messages.mofile",
    "babel.messages.pofile",
    "cryptography.hazmat.primitives.ciphers.aead",
    "guestlist.actions.counting",
    "guestlist.api.metrics",
    "guestlist.api.openapi",
    "pyotp",
    "segno",
)


def load_everything() -> None:
    for name in _LATE:
        importlib.import_module(name)
