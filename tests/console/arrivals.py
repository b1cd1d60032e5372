"""How people arrive: by letters and copied links, and with what they set up before."""

import json
from typing import Any

import pyotp
from sqlalchemy import text

from guestlist.actions import credentials, factors, people, sessions, signing
from guestlist.actions.sessions import Browser
from guestlist.domain.audit import Cause
from guestlist.domain.people import Person
from guestlist.store.statements import Statement
from tests.stand import Stand, Team
from tests.visitors import PASSWORD, Visitor

ACCEPT = 'action="/invitations/accept"'


def mailed(team: Team, email: str, role: str = "Accountant", **more: Any) -> str:
    """The link of a new invitation's letter."""
    team.stand.letters()
    team.invited(email, role, **more)
    [letter] = team.stand.letters()
    assert (letter.kind, letter.to) == ("invitation", email)
    return letter.link


def invite_id(team: Team, email: str) -> str:
    found = team.get("/v1/invites?limit=100").json()["data"]
    return next(str(invite["id"]) for invite in found if invite["email"] == email)


def copy(team: Team, invite: str, *, by: str = "ana") -> Any:
    return team.post(f"/guestlist/v1/invites/{invite}/link", by=by)


def copied(team: Team, email: str, *, by: str = "ana") -> str:
    """The copied link of an invitation."""
    answer = copy(team, invite_id(team, email), by=by)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["data"]["link"])


def reset_link(stand: Stand, email: str) -> str:
    """Of the letter that somebody asks for who forgot the password."""
    stand.letters()
    visitor = Visitor(stand)
    visitor.get("/forgotten")
    assert visitor.post("/forgotten", email=email).status_code == 200
    [letter] = stand.letters()
    assert letter.kind == "reset"
    return letter.link


def settled(stand: Stand, email: str, password: str = PASSWORD) -> None:
    """They prove their address by a letter and choose a password."""
    visitor = Visitor(stand)
    visitor.get(reset_link(stand, email))
    assert visitor.post("/links", password=password).status_code == 200
    stand.letters()


def signed_in(stand: Stand, email: str, **more: Any) -> Visitor:
    """At a browser of their own, with a sign-in that a letter proved."""
    settled(stand, email)
    visitor = Visitor(stand, **more)
    visitor.sign_in(email)
    assert visitor.get("/account").status_code == 200
    return visitor


def person(stand: Stand, email: str) -> Person:
    return people.find(stand.runtime, email)


def authenticator(stand: Stand, email: str) -> pyotp.TOTP:
    """They set one up; codes of now are not used yet."""
    key = person(stand, email).key
    with people.begin(stand.runtime, key, cause=Cause("test")) as unit:
        unit.record("person.set_factor")
        seed = factors.new_seed(unit.random)
        step = unit.now // 30_000_000 - 5
        factors.set_totp(
            unit.transaction, stand.runtime.keys, key, seed, step=step, random=unit.random
        )
    return pyotp.TOTP(seed)


def code(totp: pyotp.TOTP, stand: Stand) -> str:
    return totp.at(stand.clock.now // 1_000_000)


def insist(visitor: Visitor, link: str, to: str = "accept", **fields: str) -> Any:
    """Answers by a form of an hour ago: the page of now may have none."""
    visitor.get(link)
    visitor.get("/forgotten")
    new = {"name": "Eve", "last_name": "Ng", "password": PASSWORD} if to == "accept" else {}
    return visitor.post(f"/invitations/{to}", **(new | fields))


def asked_change(stand: Stand, email: str, new: str, password: str = PASSWORD) -> dict[str, str]:
    """The links that go to both addresses of somebody who asks for another, by kind."""
    browser = Browser("203.0.113.66", "Evil/1")
    secret = signing.sign_in(stand.runtime, email=email, password=password, browser=browser)
    signed = sessions.current(stand.runtime, secret, browser)
    assert signed is not None
    stand.letters()
    credentials.ask_email_change(
        stand.runtime, signed, email=new, password=password, browser=browser, cause=Cause("test")
    )
    sent = {letter.kind.value: letter for letter in stand.letters()}
    assert (sent["email_old"].to, sent["email_new"].to) == (email, new)
    return {kind: letter.link for kind, letter in sent.items()}


def confirmed(visitor: Visitor, link: str) -> Any:
    """What is answered to who says yes to a link."""
    visitor.get(link)
    return visitor.post("/links")


def rows(stand: Stand, sql: str, **values: Any) -> list[tuple[Any, ...]]:
    with stand.runtime.database.read() as transaction:
        return [tuple(row) for row in transaction.all(Statement(text(sql)), **values)]


def audited(team: Team, action: str) -> list[tuple[str, str, Any]]:
    """Actor, subject, and what was after, of each entry of an action."""
    found = rows(
        team.stand,
        "SELECT actor, subject, after FROM audit WHERE account = :account AND action = :action"
        " ORDER BY key",
        account=team.operator.account,
        action=action,
    )
    return [(actor, subject, json.loads(after or "null")) for actor, subject, after in found]


def users(team: Team) -> dict[str, Any]:
    """By their addresses."""
    return {user["email"]: user for user in team.get("/v1/users?limit=100").json()["data"]}


def invites(team: Team) -> list[str]:
    return [invite["email"] for invite in team.get("/v1/invites?limit=100").json()["data"]]
