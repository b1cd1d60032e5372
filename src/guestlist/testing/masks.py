"""Secrets shortened: as much is shown as tells one from another."""

import re

from guestlist.domain import tokens

_SHOWN = 6
_LEAST = 16
_CUT = "…"
_TOKEN = re.compile(rf"({re.escape(tokens.PREFIX)}[0-9a-f]{{{_SHOWN}}})[0-9a-f]{{10,}}")
# in JSON its slashes may be escaped
_LINK = re.compile(rf"((?:invitations|links)\\?/[\w-]{{{_SHOWN}}})[\w-]{{10,}}")
# A form's field has no longer name; what comes before a = in other texts may be very long.
_LONGEST_NAME = 100
_COOKIE = re.compile(rf"(=[^;\s]{{{_SHOWN}}})[^;\s]{{10,}}")
_COOKIES = ("cookie", "set-cookie")


def text(whole: str, token: str) -> str:
    """Of a path or a body; `token` is the one that its request shows."""
    if len(token) >= _LEAST:  # a shorter one is no secret, and may be a part of any word
        whole = whole.replace(token, tokens.preview(token) + _CUT)
    whole = _LINK.sub(rf"\1{_CUT}", _TOKEN.sub(rf"\1{_CUT}", whole))
    if whole[:1] in {"{", "["}:
        return whole  # JSON, and no form
    return "&".join(map(_field, whole.split("&")))


def header(name: str, value: str, token: str) -> str:
    if name == "authorization":
        scheme, _, shown = value.partition(" ")
        return f"{scheme} {tokens.preview(shown.strip())}{_CUT}"
    if name in _COOKIES:
        return _COOKIE.sub(rf"\1{_CUT}", value)
    return text(value, token)


def _field(part: str) -> str:
    """Of a form: a password is not shown at all."""
    name, equals, _ = part.partition("=")
    is_password = len(name) <= _LONGEST_NAME and "password" in name.lower()
    return f"{name}={_CUT}" if equals and is_password else part
