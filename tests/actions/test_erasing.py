"""Who is erased leaves nothing that says who they were, and everybody else as they are."""

import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pyotp
import pytest
from PIL import Image

from guestlist.actions import (
    credentials,
    enrolment,
    erasing,
    joining,
    people,
    profiles,
    sessions,
    signing,
    tokens,
    webhooks,
)
from guestlist.actions.sessions import Browser, Signed
from guestlist.domain.audit import Cause
from guestlist.domain.events import TYPES
from guestlist.domain.refusals import LastAdmin, NotFound, Refusal
from guestlist.domain.webhooks import Shape
from tests.audited import check_whole, entries
from tests.stand import WORLD, Stand, Team
from tests.store.reading import everything
from tests.visitors import PASSWORD

REQUEST = "test"
# From where only Eve asks.
CAUSE = Cause(REQUEST, "192.0.2.66")
ANA = WORLD["users"][0]
TOLD = Shape(name="crew", url="https://crew.acme.test/in", events=list(TYPES))
ASKED = ("email_old", "email_new")


@pytest.fixture
def stand(database_url: str) -> Iterator[Stand]:
    with Stand(database_url) as made:
        yield made


def link(stand: Stand, *kinds: str) -> list[str]:
    """The secrets that letters of these kinds bring now."""
    found: dict[str, str] = {
        letter.kind: letter.link.rpartition("/")[2] for letter in stand.letters()
    }
    return [found[kind] for kind in kinds]


class Eve:
    """Comes by a letter, in whatever spelling she was invited."""

    browser = Browser("192.0.2.66", "Quimby's own browser", "de")

    def __init__(self, stand: Stand) -> None:
        self.stand = stand
        self.runtime = stand.runtime
        self.secret = ""

    def joins(self, team: Team, email: str, *, role: str = "Manager") -> None:
        body = {"email": email, "role": role}
        answer = team.post("/v1/users", body, headers={"Idempotency-Key": "the same"})
        assert answer.status_code == 200, answer.text
        new = joining.Answer("Évelyne", "Quimby", PASSWORD)
        [secret] = link(self.stand, "invitation")
        signed = self.signed if self.secret else None
        with_me: Any = {"signed": signed, "browser": self.browser, "cause": CAUSE}
        self.secret = joining.accept(self.runtime, secret, new, **with_me) or self.secret

    @property
    def signed(self) -> Signed:
        found = sessions.current(self.runtime, self.secret, self.browser)
        assert found is not None
        return found

    @property
    def key(self) -> int:
        return self.signed.person.key

    def by_password(self, then: Any, **more: Any) -> Any:
        return then(self.runtime, self.signed, password=PASSWORD, browser=self.browser, **more)

    def moves(self, email: str) -> None:
        """To another address, confirmed at both."""
        self.by_password(credentials.ask_email_change, email=email, cause=CAUSE)
        for secret in link(self.stand, *ASKED):
            credentials.confirm_email(self.runtime, secret, self.signed, cause=CAUSE)

    def sets_a_picture(self) -> None:
        out = io.BytesIO()
        Image.new("RGB", (20, 20)).save(out, "PNG")
        profiles.set_avatar(self.runtime, self.signed, out.getvalue(), cause=CAUSE)

    def sets_up_a_factor(self) -> None:
        self.by_password(enrolment.start)
        setup = enrolment.setup(self.runtime, self.signed)
        assert setup is not None
        code = pyotp.TOTP(setup.seed).at(self.stand.clock.now // 1_000_000)
        done = enrolment.finish(
            self.runtime, self.signed, code=code, browser=self.browser, cause=CAUSE
        )
        self.secret = done.secret


def lived(stand: Stand, first: Team) -> Eve:
    """Somebody who did all there is to do, and is told of all over the place."""
    eve = Eve(stand)
    eve.joins(first, '"Eve"@ACME.test')
    second, third, fourth, fifth = (
        Team(stand, name=name, users=[ANA, *more])
        for name, more in (
            ("Second", ()),
            ("Third", ()),
            ("Fourth", ()),
            ("Fifth", ({"id": "user0000000eve5", "email": "eve@acme.test", "role": "Designer"},)),
        )
    )
    eve.joins(second, "EVE@acme.test", role="Designer")
    second.invited("zed@acme.test")
    first.tokens["eve"] = token_of(first, eve)
    first.invited("given@acme.test", "Designer", by="eve")
    fourth.invited("eve@acme.test")
    [declined] = link(stand, "invitation")
    joining.decline(stand.runtime, declined, cause=CAUSE)
    people.rename(stand.runtime, eve.key, name="Evelyn", last_name="Quimby", cause=CAUSE)
    eve.sets_a_picture()
    credentials.ask_reset(stand.runtime, "eve@acme.test", eve.browser)
    stand.letters()
    elsewhere = Browser("198.51.100.7", "Quimby's other browser")
    signing.sign_in(stand.runtime, email="eve@acme.test", password=PASSWORD, browser=elsewhere)
    eve.moves("E.Quimby@bücher.test")
    assert fifth.delete("/v1/users/user0000000eve5").is_success
    eve.sets_up_a_factor()
    people.sign_in_link(stand.runtime, eve.key, request=REQUEST)
    third.invited("e.quimby@xn--bcher-kva.test")
    eve.by_password(credentials.ask_email_change, email="third.quimby@acme.test", cause=CAUSE)
    credentials.ask_reset(stand.runtime, "e.quimby@bücher.test", eve.browser)
    return eve


def token_of(team: Team, eve: Eve) -> str:
    [mine] = [p.user_id for p in eve.signed.places if p.account == team.operator.account]
    options: Any = {"name": "ci", "scopes": ["users_full"], "owner_id": mine}
    return tokens.create(team.stand.runtime, team.operator, **options).text


def left_of(stand: Stand, key: int) -> list[str]:
    """Where something of Eve is to be read still."""
    words = ("eve@", "e.quimby", "velyn", "quimby", f"person:{key}", 'eve"@', "192.0.2.66")
    found = []
    for table, rows in everything(stand).items():
        for row in rows:
            of_hers = {name for name in ("person", "accepted_by") if row.get(name) == key}
            told = {name for name, value in row.items() if any(w in text(value) for w in words)}
            found += [f"{table}.{name}: {row}" for name in of_hers | told]
    return found


def text(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("latin-1").lower()
    return str(value).lower()


def test_nothing_is_left_of_who_is_erased(stand: Stand) -> None:
    first = Team(stand)
    webhooks.create(stand.runtime, first.operator, TOLD)
    eve = lived(stand, first)
    key = eve.key
    tables = {found.partition(".")[0] for found in left_of(stand, key)}
    assert tables >= {"people", "sessions", "proofs", "invitations", "letters", "audit", "avatars"}
    assert tables >= {"addresses", "mailings", "recovery_codes", "events"}
    audited = len(everything(stand)["audit"])

    erasing.erase(stand.runtime, key, request="erasing")

    assert left_of(stand, key) == []
    check_whole(first)
    assert {"erased"} == {
        side["email"]
        for entry in entries(first)
        if entry["action"] in {"user.remove", "invitation.accept"}
        for side in (entry["before"], entry["after"])
        if side is not None
    }
    assert sessions.current(stand.runtime, eve.secret, eve.browser) is None
    found = everything(stand)["audit"]
    assert len(found) > audited
    new = [(e["action"], e["actor"]) for e in found if e["request"] == "erasing"]
    assert sorted(new) == sorted(
        [("person.erase", "operator"), ("user.remove", "operator")] * 2
        + [("invitation.cancel", "operator")] * 2
        + [("token.end", "operator")]
    )
    emails = [user["email"] for user in first.get("/v1/users").json()["data"]]
    assert emails == [user["email"] for user in WORLD["users"]]
    assert first.get("/v1/invites").json()["meta"]["total"] == 0
    kept = first.kept()
    assert (kept["row"].users, kept["row"].admins, kept["row"].invitations) == (4, 1, 0)
    with pytest.raises(NotFound):
        erasing.erase(stand.runtime, key, request="erasing")

    anew = Eve(stand)
    anew.joins(first, '"Eve"@ACME.test')
    assert anew.key != key
    assert (anew.signed.person.avatar, anew.signed.person.has_factor) == (None, False)
    assert len(anew.signed.places) == 1


def test_who_is_in_no_account_is_erased_too(stand: Stand) -> None:
    team = Team(stand)
    eve = Eve(stand)
    eve.joins(team, "eve@acme.test")
    key = eve.key
    people.sign_out(stand.runtime, key, request=REQUEST)
    [user] = [u["id"] for u in team.get("/v1/users").json()["data"] if "eve" in u["email"]]
    assert team.delete(f"/v1/users/{user}").is_success
    people.reset_factor(stand.runtime, key, request=REQUEST)
    erasing.erase(stand.runtime, key, request="erasing")
    assert left_of(stand, key) == []
    [last] = [e for e in everything(stand)["audit"] if e["request"] == "erasing"]
    assert (last["account"], last["subject"]) == (None, "person:erased")


def test_an_accounts_last_admin_stays_and_with_them_all_they_have(stand: Stand) -> None:
    team = Team(stand)
    Team(stand, name="Other", users=[ANA, {"email": "bo@acme.test", "role": "Admin"}])
    ana = people.find(stand.runtime, "ana@acme.test")
    before = everything(stand)
    with pytest.raises(LastAdmin, match="Acme"):
        erasing.erase(stand.runtime, ana.key, request=REQUEST)
    assert everything(stand) == before
    assert team.get("/v1/users").is_success


def test_others_who_had_or_have_an_address_of_hers_stay_as_they_are(stand: Stand) -> None:
    team, *more = (Team(stand, name=name) for name in ("Acme", "Second", "Third"))
    before, eve, after = Eve(stand), Eve(stand), Eve(stand)
    before.joins(more[0], "eve@acme.test")
    before.moves("before@acme.test")
    eve.joins(team, "eve@acme.test")
    eve.moves("mid@acme.test")
    eve.moves("away@acme.test")
    after.joins(more[1], "mid@acme.test")
    mine = {entry["key"]: entry for entry in everything(stand)["audit"]}
    others = [account.get("/v1/users").json() for account in more]

    erasing.erase(stand.runtime, eve.key, request="erasing")

    assert [account.get("/v1/users").json() for account in more] == others
    [invited] = [i for i in everything(stand)["invitations"] if i["accepted_by"] == after.key]
    assert invited["email"] == "mid@acme.test"
    now = {entry["key"]: entry for entry in everything(stand)["audit"]}
    subjects = {f"user:{p.user_id}" for who in (before, after) for p in who.signed.places}
    theirs = [key for key, entry in mine.items() if entry["subject"] in subjects]
    assert theirs
    assert [now[key] for key in theirs] == [mine[key] for key in theirs]
    assert "away@" not in str(now)


def test_who_joins_at_that_moment_is_erased_or_joins_not(stand: Stand) -> None:
    team = Team(stand)
    for number in range(10):
        eve = Eve(stand)
        eve.joins(team, f"eve{number}@acme.test")
        other = Team(stand, name=f"Other {number}", users=[ANA])
        other.invited(f"eve{number}@acme.test")
        [secret] = link(stand, "invitation")
        signed = eve.signed

        def join(secret: str = secret, signed: Signed = signed) -> None:
            answer = joining.Answer()
            with_me: Any = {"signed": signed, "browser": Eve.browser, "cause": CAUSE}
            joining.accept(stand.runtime, secret, answer, **with_me)

        def erase(key: int = signed.person.key) -> None:
            erasing.erase(stand.runtime, key, request="erasing")

        with ThreadPoolExecutor(2) as pool:
            joined, erased = pool.submit(join), pool.submit(erase)
        assert erased.exception() is None
        assert isinstance(joined.exception(), Refusal | None)
        assert left_of(stand, signed.person.key) == []
        for account in (team, other):
            row = account.kept()["row"]
            users = account.get("/v1/users").json()["meta"]["total"]
            assert (row.users, row.invitations) == (users, 0)
