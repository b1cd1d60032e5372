"""Answers without anybody in them: what is personal or secret gives way to placeholders.

What is kept is named here; everything else goes. The same value has the same placeholder wherever
it stands, so whether two ids are one can still be seen: `<id:3>`. An instant keeps its form:
`0000-00-00T00:00:00.000000Z`.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urlsplit

BASE = "<base>"
# What they say is the same for everybody, or a word of the API's own.
_WORDS = {
    "role": re.compile(r"[A-Za-z]{2,20}( [A-Za-z]{2,20})?"),
    "permissions": re.compile(r"[a-z]+([-_][a-z]+){1,6}"),
    "scopes": re.compile(r"[a-z]+(_[a-z]+){0,5}"),
    "status": re.compile(r"[a-z_]{2,20}"),
    "type": re.compile(r"[a-z_.]{2,20}"),
    "label": re.compile(r"[0-9]{1,9}|\.\.\.|&laquo; Previous|Next &raquo;"),
}
_TEXTS = {"message", "errors"}
_IDS = re.compile(r"id|.*_id|domains|templates")
_NAMES = {"name", "last_name"}
_SECRETS = {"accessToken", "preview", "token", "secret", "password"}
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?")
_KINDS = {
    "secret": re.compile(r"mlsn\.[0-9A-Za-z]+|eyJ[\w-]+\.[\w-]+\.[\w-]*|Bearer\s+\S+"),
    "url": re.compile(r"https?://[^\s\"'<>]+", re.IGNORECASE),
    "email": re.compile(r"[^\s@\"'<>(),:;/]+@[^\s@\"'<>(),:;/]+\.[^\s@\"'<>(),:;/.]+"),
    "address": re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b"),
    "hex": re.compile(r"\b[0-9a-fA-F]{32,}\b"),
    "id": re.compile(r"\b[0-9dejgklmnopqrvwxyz]{16}\b"),
}
_KEY = re.compile(r"[a-z0-9_-]{1,40}(\.(\d{1,6}|[a-z0-9_-]{1,40})){0,4}|accessToken")
_QUERY = {"page", "limit", "verified"}
# Nobody can have an address there (RFC 2606), so a script may name one.
_NOBODYS = re.compile(r"@(?:[^@]+\.)?(?:example\.(?:com|net|org)|[^@.]+\.test|[^@.]+\.example)$")
_PLACEHOLDER = re.compile(r"<[a-z]+:\d+>")
# Shorter ones are in too many words to be looked for in a sentence.
_SHORTEST = 3
# What nothing else is spelled like, if it is so long.
_TELLING = {"secret", "email", "hex", "id", "url"}
_LONG = 12


def is_nobodys(address: str) -> bool:
    return _KINDS["email"].fullmatch(address) is not None and bool(_NOBODYS.search(address.lower()))


def masked(instant: str) -> str:
    return re.sub(r"\d", "0", instant)


def unnumbered(text: str) -> str:
    """With placeholders of which only the kind is left."""
    return _PLACEHOLDER.sub(lambda found: f"{found[0].partition(':')[0]}>", text)


class Scrubber:
    """Learns what is in every answer first: a name is then found in the sentences of others too."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._placeholders: dict[str, str] = {}
        self._numbers = Counter[str]()
        self._found: re.Pattern[str] | None = None
        for secret in secrets:
            self._placeholder("secret", secret)

    def learn(self, document: Any) -> None:
        self._walk(document, (), path="")

    def json(self, document: Any, *, path: str) -> Any:
        """`path` is what was asked for: URLs of it are told from others."""
        return self._walk(document, (), path=path)

    def placeholder(self, value: str) -> str | None:
        """What stands for a value that was met."""
        return self._placeholders.get(value)

    def text(self, text: str, *, path: str = "") -> str:
        """A sentence: only what is known or looks like it gives way."""
        text = _INSTANT.sub(lambda found: masked(found[0]), text)
        text = _KINDS["secret"].sub(lambda found: self._placeholder("secret", found[0]), text)
        text = _KINDS["url"].sub(lambda found: self._url(found[0], path), text)
        text = self._known().sub(lambda found: self._of(found[0]), text)
        for kind, pattern in _KINDS.items():
            text = pattern.sub(partial(self._found_of, kind), text)
        return text

    def literal(self, text: str) -> str:
        """What a script says itself: addresses that are nobody's stay."""
        for kind, pattern in _KINDS.items():

            def put(found: re.Match[str], kind: str = kind) -> str:
                value = found[0]
                return value if is_nobodys(value) else self._placeholder(kind, value)

            text = pattern.sub(put, text)
        return self._placeholders.get(text, text) if not is_nobodys(text) else text

    def leaks(self, written: str, *, but: str = "") -> list[str]:
        """The kinds of what is in a text though it should not be; what is in `but` may be."""
        found = []
        for value, placeholder in self._placeholders.items():
            kind = placeholder[1:].partition(":")[0]
            if kind in _TELLING and len(value) >= _LONG and value in written and value not in but:
                found.append(kind)
        return found

    def _walk(self, value: Any, keys: tuple[str, ...], *, path: str) -> Any:
        match value:
            case dict():
                return {
                    self._key(key): self._walk(entry, (*keys, key), path=path)
                    for key, entry in value.items()
                }
            case list():
                return [self._walk(entry, keys, path=path) for entry in value]
            case str():
                return self._string(value, keys, path)
            case bool() | None:
                return value
            case int():
                return value if value == -1 or keys[:1] == ("meta",) else 0
        return 0.0

    def _found_of(self, kind: str, found: re.Match[str]) -> str:
        return self._placeholder(kind, found[0])

    def _key(self, key: str) -> str:
        """A name of the API's own; somebody may have things by the id or the address of each."""
        is_own = _KEY.fullmatch(key) and not any(kind.search(key) for kind in _KINDS.values())
        return key if is_own else self._of(key)

    def _string(self, value: str, keys: tuple[str, ...], path: str) -> str:
        key = keys[-1] if keys else ""
        if keys and keys[0] in _TEXTS:
            return self.text(value, path=path)
        if not value:
            return value
        if _INSTANT.fullmatch(value):
            return masked(value)
        if key in _WORDS and _WORDS[key].fullmatch(value) and value not in self._placeholders:
            return value
        return self._replaced(key, value, path)

    def _replaced(self, key: str, value: str, path: str) -> str:
        if key in _SECRETS:
            return self._placeholder("secret", value)
        if _KINDS["url"].fullmatch(value):
            return self._url(value, path)
        if _IDS.fullmatch(key):
            return self._placeholder("id", value)
        if key in _NAMES:
            return self._placeholder("name", value)
        return self._of(value)

    def _of(self, value: str) -> str:
        known = self._placeholders.get(value)
        if known is not None:
            return known
        kinds = (kind for kind, pattern in _KINDS.items() if pattern.fullmatch(value))
        return self._placeholder(next(kinds, "text"), value)

    def _placeholder(self, kind: str, value: str) -> str:
        known = self._placeholders.get(value)
        if known is None:
            self._numbers[kind] += 1
            known = self._placeholders[value] = f"<{kind}:{self._numbers[kind]}>"
            self._found = None
        return known

    def _known(self) -> re.Pattern[str]:
        """Whatever was met, as a word of its own."""
        if self._found is None:
            long = [value for value in self._placeholders if len(value) >= _SHORTEST]
            words = "|".join(re.escape(value) for value in sorted(long, key=len, reverse=True))
            self._found = re.compile(rf"(?<![\w<]){'(?:' + words + ')' if words else '(?!)'}(?!\w)")
        return self._found

    def _url(self, url: str, path: str) -> str:
        """Of one of what was asked for, with its pages; another is nobody's business."""
        parts = urlsplit(url)
        query = parse_qsl(parts.query, keep_blank_values=True)
        if path and parts.path.endswith(path) and all(_is_plain(*pair) for pair in query):
            return f"{BASE}{self.literal(path)}{'?' if parts.query else ''}{parts.query}"
        return self._placeholder("url", url)


def _is_plain(name: str, value: str) -> bool:
    return name in _QUERY and (value.isdecimal() or value in {"", "true", "false"})


# Those that are part of the contract: of some all that is said is kept, of some the form, and of
# some only that they are there, for what they look like is chance.
_KEPT = ("content-type", "cache-control", "allow", "www-authenticate")
_FORMED = (
    "x-apiquota-remaining",
    "x-apiquota-reset",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
    "retry-after",
)
_THERE = ("x-request-id", "etag")


def headers(found: Mapping[str, str], scrubber: Scrubber) -> dict[str, str]:
    kept = {name: scrubber.text(found[name]) for name in _KEPT if name in found}
    formed = {name: _form(found[name]) for name in _FORMED if name in found}
    return kept | formed | {name: "<text>" for name in _THERE if name in found}


def _form(value: str) -> str:
    if re.fullmatch(r"-?\d+", value):
        return "<number>"
    if _INSTANT.fullmatch(value):
        return masked(value)
    return "<text>"
