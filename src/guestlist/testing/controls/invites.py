"""Answering invites as their readers would."""

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from msgspec import Struct

from guestlist.domain.refusals import Ended, Invalid, NoFreeSeat, Refusal
from guestlist.testing import clicks
from guestlist.testing.controls.asks import Ask, Refused
from guestlist.testing.letters import Sent
from guestlist.testing.realms import Realm

Result = TypeVar("Result")


class AcceptBody(Struct, forbid_unknown_fields=True):
    """What who has no sign-in yet says of themselves."""

    name: str = "Eve"
    last_name: str = ""


class AcceptAnswer(Struct):
    user_id: str
    email: str


class DeclineAnswer(Struct):
    email: str


async def accept(ask: Ask) -> Any:
    realm, letter = _letter(ask)
    name, last_name = ask.text("name", default="Eve"), ask.text("last_name", default="")
    click = partial(clicks.accept, realm, letter, name=name, last_name=last_name)
    return AcceptAnswer(await _clicked(ask, realm, click), letter.letter.to)


async def decline(ask: Ask) -> Any:
    realm, letter = _letter(ask)
    await _clicked(ask, realm, partial(clicks.decline, realm, letter))
    return DeclineAnswer(letter.letter.to)


async def _clicked(ask: Ask, realm: Realm, click: Callable[[], Result]) -> Result:
    """Raises Refused."""
    async with realm.used():
        try:
            done = await ask.thread(click)
        except Refusal as refusal:
            raise _worded(refusal) from refusal
        await ask.thread(realm.settle)
    return done


def _letter(ask: Ask) -> tuple[Realm, Sent]:
    for realm in ask.realms:
        found = clicks.letter_of(realm, ask.id)
        if found is not None:
            return realm, found
    raise Refused(
        404,
        f"No letter brought a link of an invite {ask.id}. One that was imported gets its letter"
        " when it is resent.",
    )


def _worded(refusal: Refusal) -> Refused:
    """What its reader would be told, with the status of the page that tells them."""
    match refusal:
        case Ended():
            return Refused(410, f"The invitation is {refusal.state}: its link opens nothing.")
        case NoFreeSeat():
            return Refused(409, "The account has no free seat.")
        case Invalid():
            told = "; ".join(f"{fault.field}: {fault.rule.value}" for fault in refusal.faults)
            return Refused(422, f"The form would be refused: {told}.")
    return Refused(410, f"The link opens nothing for its reader: {type(refusal).__name__}.")
