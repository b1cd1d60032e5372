"""What a person sees and changes of themselves, beside what they sign in with."""

from dataclasses import dataclass

from guestlist.actions import avatars, factors
from guestlist.actions.people import PersonUnit, begin
from guestlist.actions.runtime import NO_ACCOUNT, Runtime
from guestlist.actions.sessions import Signed
from guestlist.domain.audit import Cause
from guestlist.store import sessions


@dataclass(frozen=True, slots=True)
class Profile:
    """`codes` are the recovery codes left; `sessions` the live ones."""

    codes: int
    sessions: int


def profile(runtime: Runtime, signed: Signed) -> Profile:
    now = runtime.now(NO_ACCOUNT)
    with runtime.database.read() as transaction:
        codes = factors.recovery_codes_left(transaction, signed.person.key)
        found = sessions.of_person(transaction, signed.person.key)
    return Profile(codes, sum(session.is_live(now) for session in found))


def set_avatar(runtime: Runtime, signed: Signed, upload: bytes, *, cause: Cause) -> None:
    """Raises Invalid, TooOften, Unavailable."""
    person = signed.person.key
    runtime.limits.hit("upload", person=str(person))
    picture = avatars.re_encoded(upload)
    with begin(runtime, person, cause=cause) as unit:
        avatar_id = runtime.wire_id(NO_ACCOUNT)
        avatars.keep(unit.transaction, person, picture=picture, avatar_id=avatar_id)
        _record(unit, f"{avatars.PATH}{avatar_id}")


def remove_avatar(runtime: Runtime, signed: Signed, *, cause: Cause) -> None:
    """Also where there is none: the second click."""
    with begin(runtime, signed.person.key, cause=cause) as unit:
        if unit.person.avatar is not None:
            avatars.remove(unit.transaction, signed.person.key)
            _record(unit, None)


def _record(unit: PersonUnit, avatar: str | None) -> None:
    unit.change()
    before = {"avatar": unit.person.avatar}
    unit.record("person.set_avatar", before=before, after={"avatar": avatar})
