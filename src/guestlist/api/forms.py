"""What a request's body and query say, as far as their form goes."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from guestlist.domain import pages
from guestlist.domain.pages import Page
from guestlist.domain.refusals import Fault, Invalid, Rule

_INTEGER = re.compile(r"[+-]?(?:0|[1-9][0-9]*)")
MAX_INTEGER = 2**63 - 1


def body(raw: bytes) -> dict[str, Any]:
    """The fields of a body. What is no JSON object has none (contract, section 3)."""
    try:
        decoded = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    if not isinstance(decoded, dict):
        return {}
    return fields(decoded)


def fields(decoded: dict[str, Any]) -> dict[str, Any]:
    """Of one object; strings are trimmed and empty ones are null, in fields and in lists."""
    return {name: _trimmed(value) for name, value in decoded.items()}


def query(raw: bytes) -> dict[str, str]:
    """The last value of each parameter; empty ones count as left out."""
    if not raw:
        return {}
    return {name: value.strip() for name, value in parse_qsl(raw.decode("latin-1"))}


def page(asked: Mapping[str, str]) -> Page:
    """Raises Invalid for a `limit` or `page` that is none."""
    faults: list[Fault] = []
    size = whole(
        "limit",
        asked,
        faults,
        least=pages.MIN_SIZE,
        most=pages.MAX_SIZE,
        default=pages.DEFAULT_SIZE,
    )
    number = whole("page", asked, faults, least=1, most=MAX_INTEGER, default=1)
    if faults:
        raise Invalid(faults)
    return Page(number, size)


def whole(
    name: str, asked: Mapping[str, str], faults: list[Fault], *, least: int, most: int, default: int
) -> int:
    """A whole number of a query; what is none is added to `faults`."""
    text = asked.get(name)
    if not text:
        return default
    # PHP's integers have 64 bits: a longer number is none, and this wire has always said so.
    if not _INTEGER.fullmatch(text) or abs(number := int(text[:21])) > MAX_INTEGER:
        faults.append(Fault(name, Rule.INTEGER))
    elif number < least:
        faults.append(Fault(name, Rule.AT_LEAST, least))
    elif number > most:
        faults.append(Fault(name, Rule.AT_MOST, most))
    else:
        return number
    return default


def _trimmed(value: Any) -> Any:
    if isinstance(value, list):
        return [_text(entry) for entry in value]
    return _text(value)


def _text(value: Any) -> Any:
    return (value.strip() or None) if isinstance(value, str) else value
