"""A recording: what a script of calls was answered, with nobody in it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Literal, TypeAlias

import msgspec

from guestlist import __version__
from guestlist.domain.refusals import Misconfigured
from guestlist.testing import scrubbing
from guestlist.testing.asking import Answer, Base
from guestlist.testing.playing import Played, decoded
from guestlist.testing.scripts import Script, Step
from guestlist.testing.scrubbing import Scrubber

MAX_BYTES = 256 * 1024 * 1024

Form: TypeAlias = Literal["json", "empty", "html", "text"]


class Told(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An answer, scrubbed; of a body that is no JSON only what it is."""

    status: int
    headers: dict[str, str] = {}
    form: Form = "json"
    body: Any = None


class Asked(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A step and its answer; None: it was not asked, for nothing had saved what it needs.

    `early` are the answers it got first, which said that it came too early. `saved`: words, and the
    placeholders of what stands behind them.
    """

    step: Step
    answer: Told | None = None
    early: list[Told] = []
    saved: dict[str, str] = {}


class Recording(msgspec.Struct, frozen=True, kw_only=True):
    """`version` is of the Guestlist that made it, `on` the day in UTC."""

    format: Literal[1] = 1
    version: str = __version__
    host: str
    on: str
    script: str
    changes: bool
    steps: list[Asked]

    @property
    def played(self) -> Script:
        return Script(name=self.script, steps=[asked.step for asked in self.steps])


def made(
    script: Script, played: Sequence[Played], *, at: Base, secrets: Sequence[str]
) -> Recording:
    """Of raw answers; `secrets` are what must not be in it whatever it looks like.

    Raises Misconfigured where something personal is found in it all the same.
    """
    scrubber = Scrubber(secrets)
    for one in played:
        for answer in _answers(one):
            scrubber.learn(_json(answer))
    recording = Recording(
        host=at.host if not at.is_here else "this machine",
        on=datetime.now(UTC).date().isoformat(),
        script=script.name,
        changes=any(not step.is_harmless for step in script.steps),
        steps=[_asked(one, scrubber) for one in played],
    )
    leaking = scrubber.leaks(written(recording).decode(), but=msgspec.json.encode(script).decode())
    if leaking:
        raise Misconfigured(
            f"Nothing was written: something personal ({', '.join(sorted(set(leaking)))}) would be"
            " in it. This is a mistake of guestlist's; please report it, without the recording."
        )
    return recording


def written(recording: Recording) -> bytes:
    return msgspec.json.format(msgspec.json.encode(recording), indent=1) + b"\n"


def read(content: bytes) -> Recording:
    """Raises Misconfigured."""
    try:
        return msgspec.json.decode(content, type=Recording)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Misconfigured(
            f"This is no recording of this version: {error}. Make one with: guestlist twin record"
        ) from error


def _answers(one: Played) -> list[Answer]:
    return [*one.early, *([one.answer] if one.answer is not None else [])]


def _asked(one: Played, scrubber: Scrubber) -> Asked:
    # What has an id in its path is in no URL of an answer.
    path = one.step.path if "{" not in one.step.path else ""
    return Asked(
        step=_step(one.step, scrubber),
        answer=None if one.answer is None else _told(one.answer, scrubber, path),
        early=[_told(answer, scrubber, path) for answer in one.early],
        saved={word: scrubber.placeholder(value) or "" for word, value in one.saved.items()},
    )


def _told(answer: Answer, scrubber: Scrubber, path: str) -> Told:
    form = _form(answer)
    return Told(
        status=answer.status,
        headers=scrubbing.headers(answer.headers, scrubber),
        form=form,
        body=scrubber.json(_json(answer), path=path) if form == "json" else None,
    )


def _json(answer: Answer) -> Any:
    """None where it is none."""
    try:
        return decoded(answer)
    except ValueError:
        return None


def _form(answer: Answer) -> Form:
    if not answer.body:
        return "empty"
    try:
        decoded(answer)
    except ValueError:
        return "html" if "html" in answer.headers.get("content-type", "") else "text"
    return "json"


def _step(step: Step, scrubber: Scrubber) -> Step:
    """What a script says itself, without an address that is somebody's."""
    return msgspec.structs.replace(
        step,
        name=scrubber.literal(step.name),
        path=scrubber.literal(step.path),
        query={name: scrubber.literal(value) for name, value in step.query.items()},
        body=_literal(step.body, scrubber),
    )


def _literal(body: Any, scrubber: Scrubber) -> Any:
    match body:
        case str():
            return scrubber.literal(body)
        case list():
            return [_literal(entry, scrubber) for entry in body]
        case dict():
            return {key: _literal(entry, scrubber) for key, entry in body.items()}
    return body
