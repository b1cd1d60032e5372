"""Style and scripts, under names that change with what is in them."""

import hashlib
from functools import cache
from importlib.resources import files

from guestlist.console.answers import Answer

_KINDS = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
# A name is never given to other bytes.
_FOR_GOOD = "public, max-age=31536000, immutable"


@cache
def _all() -> dict[str, tuple[str, bytes]]:
    """By the name in an address: the file's own name and its bytes."""
    found = {}
    for file in files("guestlist.console").joinpath("assets").iterdir():
        stem, _, kind = file.name.rpartition(".")
        if kind in _KINDS:
            body = file.read_bytes()
            found[f"{stem}.{hashlib.sha256(body).hexdigest()[:12]}.{kind}"] = file.name, body
    return found


@cache
def url(name: str) -> str:
    """Where an asset is found, below the public URL."""
    for address, (own, _) in _all().items():
        if own == name:
            return f"/assets/{address}"
    raise LookupError(name)


def show(address: str) -> Answer | None:
    found = _all().get(address)
    if found is None:
        return None
    kind = _KINDS[address.rpartition(".")[2]]
    return Answer(
        body=found[1],
        content_type=f"{kind}; charset=utf-8",
        headers={"cache-control": _FOR_GOOD},
    )
