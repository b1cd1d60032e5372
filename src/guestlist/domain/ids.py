"""How the wire writes ids, and how they come from random bytes."""

import re

ALPHABET = "0123456789dejgklmnopqrvwxyz"
LENGTH = 16
RANDOM_BYTES = 16
# Imported ids may be readable ones; nothing longer or stranger is worth a query.
_WIRE_ID = re.compile(r"[0-9a-z]{1,80}")


def wire_id(random: bytes) -> str:
    """16 characters of the wire's alphabet from 16 random bytes (contract, section 1)."""
    return spelled(random, ALPHABET, LENGTH)


def spelled(random: bytes, alphabet: str, length: int) -> str:
    """So many characters, as random as the bytes if these have some bits to spare."""
    number = int.from_bytes(random, "big")
    characters = []
    for _ in range(length):
        number, remainder = divmod(number, len(alphabet))
        characters.append(alphabet[remainder])
    return "".join(characters)


def is_wire_id(text: object) -> bool:
    return isinstance(text, str) and _WIRE_ID.fullmatch(text) is not None


def is_printable(text: str, *, most: int) -> bool:
    """Whether it is ASCII that prints, and neither empty nor long."""
    return 0 < len(text) <= most and text.isascii() and text.isprintable()
