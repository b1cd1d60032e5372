"""Scripts of calls: what they look like, and those that are built in, as data."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal, TypeAlias

import msgspec

from guestlist.domain.refusals import Misconfigured

MAX_STEPS = 500
# What a step may put in braces before anything was saved: the address that is invited, and an id
# that nobody has.
GIVEN = frozenset({"email", "unknown"})
UNKNOWN_ID = "0" * 16
# These change nothing, whoever asks.
READING = frozenset({"GET", "HEAD", "OPTIONS"})
_METHOD = re.compile(r"[A-Z]{3,10}")
_PATH = re.compile(r"/[\x21\x22\x24-\x3e\x40-\x7e]*")
_SAVED = re.compile(r"[a-z_]{1,40}")
_BRACED = re.compile(r"\{([a-z_]+)\}")

Bearer: TypeAlias = Literal["yours", "none", "wrong"]


class Step(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """One call. `path` follows the base URL, which ends in /v1 as a rule.

    `{word}` in the path, the query and the body is what an earlier step saved under that word.
    `body` is sent as JSON, a text as it is. `bearer`: the token of the environment, none, or a
    wrong one. `save`: words, and where in the answer their values are, as in `data.0.id`. A step
    that is `always` made is made after a failure too: it takes back what an earlier one did.
    """

    name: str
    method: str = "GET"
    path: str
    query: dict[str, str] = {}
    body: dict[str, Any] | list[Any] | str | None = None
    bearer: Bearer = "yours"
    save: dict[str, str] = {}
    always: bool = False

    @property
    def line(self) -> str:
        """As it is told to people."""
        query = "&".join(f"{name}={value}" for name, value in self.query.items())
        return f"{self.method} {self.path}{'?' if query else ''}{query}"

    @property
    def is_harmless(self) -> bool:
        """It asks, or shows no token with which anything could be changed."""
        return self.method in READING or self.bearer != "yours"

    @property
    def words(self) -> set[str]:
        """Those in braces."""
        body = self.body if isinstance(self.body, str) else json.dumps(self.body)
        return set(_BRACED.findall("\n".join([self.path, *self.query.values(), body])))


class Script(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: str
    steps: list[Step]

    @property
    def invites(self) -> bool:
        """Whether it asks that an address be invited."""
        return any("email" in step.words and not step.is_harmless for step in self.steps)


def read(document: Any) -> Script:
    """Raises Misconfigured."""
    try:
        script = msgspec.convert(document, Script)
    except msgspec.ValidationError as error:
        raise Misconfigured(f"This is no script of calls: {error}.") from error
    if not 0 < len(script.steps) <= MAX_STEPS:
        raise Misconfigured(f"A script has 1 to {MAX_STEPS} steps; this has {len(script.steps)}.")
    for fault in _faults(script):
        raise Misconfigured(f"This is no script of calls: {fault}.")
    return script


def _faults(script: Script) -> Iterator[str]:
    known = set(GIVEN)
    for number, step in enumerate(script.steps, 1):
        if not _METHOD.fullmatch(step.method):
            yield f"step {number}: a method is in capitals, as in GET; got {step.method!r}"
        if not _PATH.fullmatch(step.path):
            yield f"step {number}: a path begins with / and has no query; got {step.path!r}"
        for word in sorted(step.words - known):
            yield f"step {number}: nothing before it saves {{{word}}}"
        for word in sorted(step.save):
            if not _SAVED.fullmatch(word) or word in GIVEN:
                yield f"step {number}: {word!r} is no word to save under: a to z and _"
        known |= step.save.keys()


def check_harmless(script: Script) -> None:
    """Raises Misconfigured for a step that could change something."""
    for step in script.steps:
        if not step.is_harmless:
            raise Misconfigured(
                f"The script changes something ({step.name}: {step.line}). If that is meant, say"
                " --read-write."
            )


def filled(text: str, values: Mapping[str, str]) -> str:
    """With what was saved in place of the words in braces."""
    return _BRACED.sub(lambda found: values.get(found[1], found[0]), text)


def filled_body(body: Any, values: Mapping[str, str]) -> Any:
    match body:
        case str():
            return filled(body, values)
        case list():
            return [filled_body(entry, values) for entry in body]
        case dict():
            return {key: filled_body(entry, values) for key, entry in body.items()}
    return body


def _get(name: str, path: str, *, save: Mapping[str, str] | None = None, **query: str) -> Step:
    return Step(name=name, path=path, query=query, save=dict(save or {}))


def _pages(path: str, noun: str, word: str) -> list[Step]:
    """A collection's pages, the limits it may refuse, and one thing of it."""
    return [
        _get(f"{noun}: the first page", path, save={word: "data.0.id"}),
        _get(f"{noun}: a page of ten", path, page="1", limit="10"),
        _get(f"{noun}: as many as a page can have", path, limit="100"),
        _get(f"{noun}: far beyond the end", path, page="1000", limit="10"),
        _get(f"{noun}: too few a page", path, limit="9"),
        _get(f"{noun}: too many a page", path, limit="101"),
        _get(f"{noun}: a limit that is no number", path, limit="ten"),
        _get(f"{noun}: page 0", path, page="0"),
        _get(f"{noun}: a page that is no number", path, page="two"),
        _get(f"{noun}: one of them", f"{path}/{{{word}}}"),
        _get(f"{noun}: one that is not there", f"{path}/{{unknown}}"),
        _get(f"{noun}: an id that is none", f"{path}/no-id"),
    ]


def _things(path: str, noun: str, word: str) -> list[Step]:
    """The same of what is only referred to."""
    return [
        _get(f"{noun}: the first page", path, save={word: "data.0.id"}),
        _get(f"{noun}: as many as a page can have", path, limit="100"),
        _get(f"{noun}: too few a page", path, limit="9"),
        _get(f"{noun}: one of them", f"{path}/{{{word}}}"),
        _get(f"{noun}: one that is not there", f"{path}/{{unknown}}"),
    ]


def _strangers() -> Iterator[Step]:
    """What is answered to whoever shows no token, or a wrong one; none of it can change a thing."""
    strangers: tuple[tuple[Bearer, str], ...] = (("none", "no token"), ("wrong", "a wrong token"))
    for bearer, told in strangers:
        for method, path in (
            ("GET", "/users"),
            ("GET", "/users/{unknown}"),
            ("GET", "/invites/{unknown}"),
            ("POST", "/users"),
            ("GET", "/api-quota"),
            ("GET", "/no-such-route"),
            ("PATCH", "/users"),
        ):
            name = f"{told}: {method} {path.replace('{unknown}', 'ID')}"
            yield Step(name=name, method=method, path=path, bearer=bearer)


READ_ONLY = Script(
    name="read-only",
    steps=[
        *_pages("/users", "users", "user"),
        *_pages("/invites", "invites", "invite"),
        *_things("/token", "tokens", "token"),
        *_things("/domains", "domains", "domain"),
        *_things("/templates", "templates", "template"),
        _get("quota", "/api-quota"),
        _get("a route that is not there", "/no-such-route"),
        *_strangers(),
    ],
)


def _refused(name: str, **body: Any) -> Step:
    return Step(name=f"invite: {name}", method="POST", path="/users", body=body)


def _changing(name: str, path: str, **body: Any) -> Step:
    return Step(name=name, method="PUT", path=path, body=body)


_INVITE = "/invites/{invited}"
# Each refused one has a fault that no reading of the contract lets pass.
WRITES = [
    _refused("nothing said"),
    _refused("no address", email="no-address", role="Designer"),
    _refused("no such role", email="{email}", role="nobody", permissions=["none"], templates=[]),
    _refused("no permission", email="{email}", role="Custom User", permissions=[]),
    _refused("lists that are none", email="{email}", role="Nobody", permissions="x", domains="x"),
    _refused("no such domain", email="{email}", role="Designer", domains=["{unknown}"]),
    Step(name="invite: no JSON", method="POST", path="/users", body='{"email":'),
    _changing("update: nobody", "/users/{unknown}", role="Designer"),
    _changing("update: nobody, to no such role", "/users/{unknown}", role="nobody"),
    Step(name="remove: nobody", method="DELETE", path="/users/{unknown}"),
    Step(
        name="invite",
        method="POST",
        path="/users",
        body={"email": "{email}", "role": "Designer", "permissions": []},
        save={"invited": "data.id"},
    ),
    _refused("the same address again", email="{email}", role="Designer"),
    _get("invited: read", _INVITE),
    _get("invited: in the list", "/invites", limit="100"),
    _changing("invited: updated, which the wire does not know", _INVITE, role="Accountant"),
    Step(name="invited: sent again", method="POST", path=f"{_INVITE}/resend", body={}),
    _get("invited: read again", _INVITE),
    Step(name="invited: cancelled", method="DELETE", path=_INVITE, always=True),
    _get("cancelled: read", _INVITE),
    Step(name="cancelled: sent again", method="POST", path=f"{_INVITE}/resend", body={}),
    Step(name="cancelled: again", method="DELETE", path=_INVITE),
]

READ_WRITE = Script(name="read-write", steps=[*READ_ONLY.steps, *WRITES])
