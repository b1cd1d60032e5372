"""What the pytest plugin gives a test, in one process and in several."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from guestlist.testing.handles import Account, Clock, Guestlist, NoLetter, Outbox, Refused, Twin
from tests.servers import surroundings

pytest_plugins = ["pytester"]

# Three tests of the same people, and what each sees of ids.
SEEN = """
import json, os, pytest, httpx
from pathlib import Path

@pytest.fixture
def seen(request, guestlist, guestlist_account, guestlist_outbox):
    def api(method, path, **more):
        headers = {"authorization": f"Bearer {guestlist.token}"}
        url = guestlist.base_url + path
        return httpx.request(method, url, headers=headers, timeout=60, **more).json()
    invite = api("POST", "/users", json={"email": "eve@acme.test", "role": "Manager"})["data"]
    letter = guestlist_outbox.wait_for(to="eve@acme.test")
    user = guestlist_account.accept(invite["id"], name=request.node.name)
    names = [one["name"] for one in api("GET", "/users")["data"]]
    assert names == ["Ada", request.node.name]
    assert len(guestlist_outbox) == 1
    other = guestlist.new_account(name="Other")
    file = Path("seen", request.node.name)
    file.parent.mkdir(exist_ok=True)
    secret = letter.link.rpartition("/")[2]
    ids = [guestlist.token, guestlist_account.id, invite, secret, user, other.token, other.id]
    file.write_text(json.dumps(ids))

def test_one(seen): pass

@pytest.mark.xdist_group("these")
@pytest.mark.parametrize("number", [1, 2])
def test_two(seen, number): pass

@pytest.mark.xdist_group("these")
def test_three(seen): pass
"""


@pytest.fixture
def seeing(inner: pytest.Pytester) -> pytest.Pytester:
    inner.makepyfile(test_seen=SEEN)
    return inner


@pytest.fixture
def http(guestlist: Guestlist) -> Iterator[httpx.Client]:
    headers = {"authorization": f"Bearer {guestlist.token}"}
    with httpx.Client(base_url=guestlist.base_url, headers=headers, timeout=60) as made:
        yield made


def invited(http: httpx.Client, email: str = "eve@acme.test") -> str:
    answer = http.post("users", json={"email": email, "role": "Manager"})
    assert answer.status_code == 200
    return str(answer.json()["data"]["id"])


def test_ids_change_neither_with_the_order_nor_with_the_workers(seeing: pytest.Pytester) -> None:
    found = []
    backwards = [f"test_seen.py::{name}" for name in ("test_three", "test_two", "test_one")]
    for arguments in ([], backwards, ["-n", "2", "--dist", "loadgroup"]):
        seeing.runpytest_subprocess(*arguments).assert_outcomes(passed=4)
        found.append({file.name: json.loads(file.read_text()) for file in files(seeing)})
        for file in files(seeing):
            file.unlink()
    assert found[0] == found[1] == found[2]
    told = [ids for test in found[0].values() for ids in test]
    assert len({json.dumps(it) for it in told}) == len(told) == 4 * 7


def files(inner: pytest.Pytester) -> list[Path]:
    return sorted((inner.path / "seen").iterdir())


def test_the_accounts_of_tests_that_are_over_are_gone(
    seeing: pytest.Pytester, guestlist_twin: Twin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also those of a test that failed."""
    monkeypatch.setenv("GUESTLIST_TWIN_URL", guestlist_twin.url)
    seeing.makepyfile(test_failing="from test_seen import seen\ndef test_failing(seen): assert 0")
    world = guestlist_twin.controls.ask("GET", "/world")
    seeing.runpytest_subprocess().assert_outcomes(passed=4, failed=1)
    assert guestlist_twin.controls.ask("GET", "/world") == world
    kept = files(seeing)
    assert len(kept) == 5
    for file in kept:
        token, *_, other, _ = json.loads(file.read_text())
        for text in (token, other):
            headers = {"authorization": f"Bearer {text}"}
            answer = httpx.get(f"{guestlist_twin.base_url}/users", headers=headers, timeout=60)
            assert answer.status_code == 401


def test_who_opts_out_has_no_fixture(seeing: pytest.Pytester) -> None:
    result = seeing.runpytest_subprocess("-p", "no:guestlist", "-k", "test_one")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines("*fixture 'guestlist' not found*")


def test_nothing_is_loaded_until_a_fixture_is_asked_for(inner: pytest.Pytester) -> None:
    inner.makepyfile(
        test_loaded="""
        import sys

        def test_before():
            of_us = {name for name in sys.modules if name.partition(".")[0] == "guestlist"}
            assert of_us == {"guestlist", "guestlist.testing", "guestlist.testing.plugin"}
            assert not {"sqlalchemy", "starlette", "uvicorn", "msgspec"} & set(sys.modules)

        def test_and_then(guestlist_twin):
            assert "guestlist.testing.twins" in sys.modules
        """
    )
    inner.runpytest_subprocess("test_loaded.py").assert_outcomes(passed=2)


def test_a_mark_says_what_the_account_begins_with(inner: pytest.Pytester) -> None:
    inner.makepyfile(
        test_marked="""
        import pytest

        pytestmark = pytest.mark.guestlist(name="Acme")

        def test_of_the_module(guestlist_account):
            assert (guestlist_account.name, guestlist_account.admin) == ("Acme", "admin@twin.test")

        @pytest.mark.guestlist(name="Bee", users=[{"email": "b@bee.test", "role": "Admin"}])
        def test_of_its_own(guestlist_account):
            assert (guestlist_account.name, guestlist_account.admin) == ("Bee", "b@bee.test")

        @pytest.mark.guestlist(seats="many")
        def test_that_cannot_be(guestlist_account):
            raise AssertionError
        """
    )
    result = inner.runpytest_subprocess("--strict-markers", "test_marked.py")
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines("*seats: must be a whole number*")


def test_a_twin_that_runs_elsewhere_is_used_instead(
    inner: pytest.Pytester, guestlist_twin: Twin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUESTLIST_TWIN_URL", guestlist_twin.url + "/")
    inner.makepyfile(
        test_elsewhere=f"""
        import sys
        import pytest
        from guestlist.testing.handles import Elsewhere

        def test_it(guestlist, guestlist_account):
            assert guestlist.base_url == "{guestlist_twin.base_url}"
            assert guestlist_account.controls.ask("GET", "")["url"] == "{guestlist_twin.url}"
            for name in ("asgi", "wsgi"):
                with pytest.raises(Elsewhere, match="{guestlist_twin.url}"):
                    getattr(guestlist, name)
        """
    )
    inner.runpytest_subprocess().assert_outcomes(passed=1)


MIXED = """
import asyncio
from unittest import IsolatedAsyncioTestCase, TestCase
import httpx
from guestlist.testing.unittest import GuestlistMixin

class Base(GuestlistMixin):
    guestlist_document = {"name": "Acme"}

class Test(Base, TestCase):
    def setUp(self):
        super().setUp()
        headers = {"authorization": f"Bearer {self.guestlist.token}"}
        self.http = httpx.Client(
            base_url=self.guestlist.base_url, headers=headers, timeout=60
        )
        self.addCleanup(self.http.close)
        answer = self.http.post("users", json={"email": "eve@acme.test", "role": "Manager"})
        self.invite = answer.json()["data"]["id"]

    def test_accepted(self):
        self.assertEqual(self.guestlist_account.name, "Acme")
        self.assertIn("/invitations/", self.guestlist_outbox.wait_for(to="eve@acme.test").link)
        self.guestlist_account.accept(self.invite)

    def test_expired(self):
        self.guestlist_clock.advance(days=8)
        with self.assertRaisesRegex(Exception, "expired"):
            self.guestlist_account.accept(self.invite)

class TestAsync(Base, IsolatedAsyncioTestCase):
    async def test_over_asgi(self):
        transport = httpx.ASGITransport(self.guestlist.asgi)
        headers = {"authorization": f"Bearer {self.guestlist.token}"}
        async with httpx.AsyncClient(transport=transport, headers=headers) as http:
            answer = await http.get(f"{self.guestlist.base_url}/users")
        self.assertEqual(len(answer.json()["data"]), 1)
"""


def test_the_mixin_gives_the_same_to_unittest(inner: pytest.Pytester) -> None:
    inner.makepyfile(test_mixed=MIXED)
    alone = subprocess.run(
        [sys.executable, "-W", "error", "-m", "unittest", "test_mixed"],
        env=surroundings(),
        capture_output=True,
        text=True,
        check=False,
    )
    # nor is anything of the twin's own end told of
    assert alone.stderr.splitlines()[0] == "...", alone.stderr
    assert alone.stderr.splitlines()[2].startswith("Ran 3 tests in "), alone.stderr
    assert (alone.stderr.splitlines()[-1], alone.stdout) == ("OK", "")
    inner.runpytest_subprocess("test_mixed.py").assert_outcomes(passed=3)


def test_a_test_of_its_own_makes_more_accounts(guestlist: Guestlist, http: httpx.Client) -> None:
    other = guestlist.new_account(users=[{"email": "eve@acme.test", "role": "Admin"}])
    invite = invited(http)
    with pytest.raises(Refused) as refused:
        other.accept(invite)
    assert refused.value.status == 404
    guestlist.account.accept(invite)
    assert other.admin == "eve@acme.test"


def test_the_clock(guestlist_clock: Clock, guestlist: Guestlist) -> None:
    other = guestlist.new_account().clock
    start = guestlist_clock.now
    assert str(start) == "2026-01-01 00:00:00+00:00"
    assert (guestlist_clock.advance(days=7, hours=23, minutes=59) - start).days == 7
    with pytest.raises(Refused, match="forward only"):
        guestlist_clock.move(start)
    later = guestlist_clock.move(start.replace(year=2027))
    assert (later, guestlist_clock.now, guestlist_clock.is_frozen) == (later, later, True)
    assert guestlist_clock.resume() >= later
    assert not guestlist_clock.is_frozen
    now = guestlist_clock.freeze()
    assert (guestlist_clock.now, other.now) == (now, start)


def test_letters(http: httpx.Client, guestlist_outbox: Outbox, guestlist_account: Account) -> None:
    with pytest.raises(NoLetter, match=r"to='eve@acme\.test'.*none at all"):
        guestlist_outbox.wait_for(to="eve@acme.test", seconds=0)
    with pytest.raises(NoLetter):
        guestlist_account.invite_link("eve@acme.test")
    invite = invited(http)
    first = guestlist_outbox.wait_for(to="Eve@acme.test", kind="invitation")
    assert (first.to, first.number) == ("eve@acme.test", 1)
    assert first.link in first.text
    assert first.link == guestlist_account.invite_link("eve@acme.test")
    with pytest.raises(NoLetter, match=r"after=1.*invitation to eve@acme\.test"):
        guestlist_outbox.wait_for(after=first, seconds=0)
    http.post(f"invites/{invite}/resend")
    second = guestlist_outbox.wait_for(after=first)
    assert list(guestlist_outbox) == [first, second]
    assert second.link == guestlist_account.invite_link("eve@acme.test") != first.link
    guestlist_outbox.clear()
    assert len(guestlist_outbox) == 0


def test_an_invite_is_answered(
    http: httpx.Client, guestlist_account: Account, guestlist_clock: Clock
) -> None:
    guestlist_account.snapshot()
    for days, status in ((0, None), (8, 410)):
        invite = invited(http)
        guestlist_clock.advance(days=days)
        if status is None:
            user = guestlist_account.accept(invite, name="Eve", last_name="Noir")
            assert http.get(f"users/{user}").json()["data"]["last_name"] == "Noir"
            with pytest.raises(Refused, match="accepted"):
                guestlist_account.decline(invite)
        else:
            for answer in (guestlist_account.accept, guestlist_account.decline):
                with pytest.raises(Refused) as refused:
                    answer(invite)
                assert refused.value.status == status
        guestlist_account.restore()
        assert len(http.get("users").json()["data"]) == 1
    guestlist_account.decline(invited(http))
    assert http.get("invites").json()["data"] == []
    guestlist_account.reset()
    with pytest.raises(Refused, match="no snapshot"):
        guestlist_account.restore("other")


def test_what_is_no_control_and_what_is_no_twin(guestlist: Guestlist, http: httpx.Client) -> None:
    with pytest.raises(Refused, match="no control /_twin/nothing"):
        guestlist.account.controls.ask("GET", "/nothing")
    http.get("users")
    with pytest.raises(ConnectionRefusedError):
        Twin("http://127.0.0.1:1").new_account()


def test_it_says_what_points_clients_at_it(guestlist: Guestlist, http: httpx.Client) -> None:
    invited(http)
    assert guestlist.env["MAILERSEND_API_BASE_URL"] == guestlist.base_url
    for name in ("MAILERSEND_API_KEY", "MAILERSEND_API_TOKEN"):
        assert guestlist.env[name] == guestlist.token
    assert Twin(guestlist.env["GUESTLIST_TWIN_URL"]).url == guestlist.url


def test_a_test_s_own_output_stays_its_own(
    http: httpx.Client, guestlist_account: Account, capfd: pytest.CaptureFixture[str]
) -> None:
    """A request, a letter, a page, a refusal: none is told to the log of the program under test."""
    invite = invited(http)
    assert http.get(guestlist_account.invite_link("eve@acme.test")).has_redirect_location
    assert http.get("users/0000000000000000").status_code == 404
    guestlist_account.accept(invite)
    assert capfd.readouterr() == ("", "")


def test_a_fork_that_ends_does_not_end_the_twin_of_its_parent() -> None:
    forking = """
import os, sys
from guestlist.testing import inside

twin = inside.twin()
child = os.fork()
if not child:
    sys.exit()
os.waitpid(child, 0)
print(twin.new_account().name)
"""
    done = subprocess.run(
        [sys.executable, "-c", forking],
        env=surroundings(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("Twin\n", "")
