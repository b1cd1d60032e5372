"""What an e-mail address is, and when two are the same."""

import re
import unicodedata
from dataclasses import dataclass

import idna

MAX_CHARACTERS = 320
MAX_HOST = 253
_MAX_LABEL = 63
# What is longer is no address at all: putting it in order could take minutes.
MAX_READ = 4_096

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-\u0080-\U0010ffff]+"
_DOT_ATOM = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_QUOTED = re.compile(r'"(?:[ !#-\[\]-~\u0080-\U0010ffff]|\\[ -~])*"')
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
# Controls, separators, surrogates, private and unassigned code points print as nothing or lie.
_UNPRINTABLE = ("C", "Z")


@dataclass(frozen=True, slots=True)
class Email:
    """An address as it was typed, and the key under which it is compared and kept unique."""

    address: str
    key: str


def parse(address: str) -> Email:
    """Reads an address; quoted local parts and IDN are fine, comments and IP literals are not.

    Raises ValueError. Length is a rule of its own (`MAX_CHARACTERS`, contract C9), of which only
    the unreasonable is checked here.
    """
    local, at, domain = address.rpartition("@")
    if not at or len(address) > MAX_READ:
        raise ValueError(address)
    composed = unicodedata.normalize("NFC", local)
    if not _is_local(composed):
        raise ValueError(address)
    return Email(address, f"{_folded(composed)}@{_ascii_domain(domain)}")


def key(address: str) -> str | None:
    """The key of an address, None if it is not one."""
    try:
        return parse(address).key
    except ValueError:
        return None


def same_mailbox(one: str, other: str) -> bool:
    """Whether addresses of one key are surely read by the same people.

    Only the case of ASCII letters may differ: case-folding also makes `ss` of `ß`, which a mail
    server may keep apart.
    """
    return _spelled(one) == _spelled(other) and key(one) == key(other)


def host(name: object) -> str | None:
    """The one spelling of a domain's name, as it stands after the @ of a key; None if it is none.

    Lower case, and ASCII: `bücher.test` is `xn--bcher-kva.test`.
    """
    try:
        return _ascii_domain(name) if isinstance(name, str) and len(name) <= MAX_READ else None
    except ValueError:
        return None


def is_host(name: object) -> bool:
    return host(name) is not None


def _is_local(local: str) -> bool:
    if not (_DOT_ATOM.fullmatch(local) or _QUOTED.fullmatch(local)):
        return False
    return local.isascii() or not any(
        unicodedata.category(character).startswith(_UNPRINTABLE)
        for character in local
        if character != " "
    )


def _folded(composed: str) -> str:
    """Composed again: folding can undo the first composition."""
    return _unquoted(unicodedata.normalize("NFC", composed.casefold()))


def _spelled(address: str) -> str:
    local = _unquoted(address.rpartition("@")[0])
    return "".join(character.lower() if character.isascii() else character for character in local)


def _unquoted(local: str) -> str:
    """Quotes go where none are needed: `"ana"@x` and `ana@x` are one mailbox (RFC 5321, 4.1.2)."""
    if not local.startswith('"'):
        return local
    bare = re.sub(r"\\(.)", r"\1", local[1:-1])
    return bare if _DOT_ATOM.fullmatch(bare) else local


def _ascii_domain(domain: str) -> str:
    """UTS 46, non-transitional, then IDNA 2008. Plain ASCII labels only have to be host names."""
    mapped = unicodedata.normalize("NFC", domain).lower() if domain.isascii() else _mapped(domain)
    name = ".".join(_ascii_label(label) for label in mapped.split("."))
    if len(name) > MAX_HOST:
        raise ValueError(domain)
    return name


def _mapped(domain: str) -> str:
    try:
        return str(idna.uts46_remap(domain, std3_rules=True, transitional=False))
    except idna.IDNAError as error:
        raise ValueError(domain) from error


def _ascii_label(label: str) -> str:
    if len(label) > _MAX_LABEL:
        # Encoded it is longer still; IDNA would compare each of its characters with all others.
        raise ValueError(label)
    try:
        if not label.isascii():
            return idna.alabel(label).decode("ascii")
        if label.startswith("xn--"):
            return idna.alabel(idna.ulabel(label)).decode("ascii")
    except idna.IDNAError as error:
        raise ValueError(label) from error
    if not _LABEL.fullmatch(label):
        raise ValueError(label)
    return label
