"""How each refusal becomes a page: what happened, why, and what to do. The door's one table."""

from dataclasses import replace

from guestlist.actions.logs import Logger
from guestlist.console.answers import Answer, go, show
from guestlist.console.words import _
from guestlist.domain import refusals
from guestlist.domain.refusals import Refusal

_log = Logger("guestlist.console")
# Status, title, what to do.
_PAGES: dict[type[Refusal], tuple[int, str, str]] = {
    refusals.NotFound: (
        404,
        _("There is no such page"),
        _("Check the address, or go back to where you came from."),
    ),
    refusals.DeadLink: (
        404,
        _("This link opens nothing"),
        _(
            "It was used already, is over, or was replaced by a newer letter: use the newest one."
            " Check too that the whole link was copied, and that cookies are allowed."
        ),
    ),
    refusals.TooOften: (
        429,
        _("Too many attempts"),
        _("Wait a few minutes, then try again."),
    ),
    refusals.Unavailable: (
        503,
        _("The server is busy"),
        _("Nothing was changed. Try again in a moment."),
    ),
    refusals.OutOfReach: (
        403,
        _("This is beyond your power here"),
        _("Ask an Admin of the account."),
    ),
    refusals.LastAdmin: (
        422,
        _("You are the account's last Admin"),
        _("Make somebody else Admin first."),
    ),
    refusals.NoFreeSeat: (
        422,
        _("The account is full"),
        _("Every seat is taken. Ask the person who invited you to make room, then try again."),
    ),
    refusals.Withdrawn: (
        410,
        _("This invitation is no longer valid"),
        _(
            "The person who sent it may no longer give what it offers."
            " Ask an Admin of the account to invite you."
        ),
    ),
    refusals.WrongPerson: (
        403,
        _("Somebody else is signed in"),
        _("This is for another person. Sign out, sign in as that person, and open the link again."),
    ),
    refusals.WrongSignIn: (
        422,
        _("Your sign-in was changed at this moment"),
        _("Nothing was done. Sign in with what holds now."),
    ),
    refusals.Misconfigured: (
        500,
        _("The server lacks a key"),
        _("Tell whoever runs it; its log says which. A recovery code works meanwhile."),
    ),
    refusals.PasskeyRefused: (
        422,
        _("The passkey was not accepted"),
        _("Try again, or use your password."),
    ),
    refusals.FactorRequired: (
        422,
        _("The second factor must stay"),
        _("An account you are in requires one. Set up another first, or ask its Admin."),
    ),
    refusals.LastSignIn: (
        422,
        _("This is your only way to sign in"),
        _("Choose a password first, then remove the passkey."),
    ),
    refusals.ShortPassword: (
        422,
        _("Your password is too short to stand alone"),
        _(
            "Without a second factor it must have 15 characters or more. Choose a longer password"
            " first, then come back."
        ),
    ),
    refusals.SignInAgain: (
        403,
        _("Please sign in again"),
        _("For this your sign-in must be only minutes old. Sign out, sign in, and come back."),
    ),
}
# Where to do what is advised.
_WAYS: dict[type[Refusal], tuple[str, str]] = {
    refusals.LastSignIn: ("/account/password", _("Set a password")),
    refusals.ShortPassword: ("/account/password", _("Change your password")),
}
_BROKEN = {
    400: (_("The form could not be read"), _("Go back, reload the page and send it again.")),
    403: (
        _("The form was not accepted"),
        _("It is too old, or came from another page. Go back, reload the page, send it again."),
    ),
    408: (
        _("The form took too long to arrive"),
        _("Nothing was changed. Go back and send it again, over a better connection if you can."),
    ),
    413: (_("This is too large"), _("Go back and choose something smaller.")),
    415: (_("The form could not be read"), _("Send it from the page in a browser.")),
}


def refused(refusal: Refusal) -> Answer:
    if isinstance(refusal, refusals.Unauthenticated):
        return go("/sign-in")
    for kind in type(refusal).__mro__:
        if kind in _PAGES:
            answer = _page(*_PAGES[kind], way=_WAYS.get(kind))
            wait = getattr(refusal, "seconds", None)
            return answer if wait is None else replace(answer, headers={"retry-after": str(wait)})
    _log.error("refusal without a page", kind=type(refusal).__name__)
    return failed()


def broken(status: int) -> Answer:
    answer = _page(status, *_BROKEN[status])
    return answer.closing() if status in {408, 413} else answer


def wrong_method(allowed: list[str]) -> Answer:
    page = _page(405, _("This page cannot be asked that"), _("Open it in a browser."))
    return Answer(405, page.template, page.shown, headers={"allow": ", ".join(allowed)})


def failed() -> Answer:
    return _page(
        500,
        _("Something went wrong here"),
        _("This is a mistake of the server, not yours. Try again in a moment."),
    )


def _page(status: int, title: str, advice: str, *, way: tuple[str, str] | None = None) -> Answer:
    return show("refused.html", status=status, title=title, advice=advice, way=way)
