"""Letters leave once each, whoever is slow, in trouble, or wrong about the time."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from guestlist.actions import invitations, outbox
from guestlist.actions.outbox import LAST_RETRY, LEASE, SECOND
from guestlist.actions.runtime import Runtime
from guestlist.domain.grants import Draft
from guestlist.domain.letters import Letter
from guestlist.domain.links import Keys, digest
from guestlist.store.database import Database
from tests.faults.accounts import make_account, rows
from tests.faults.crowd import at_once
from tests.mail import folder as folder_at
from tests.mail import secret
from tests.stand import Clock

YEAR = 365 * 86_400 * SECOND


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def runtime(crowd_runtime: Runtime, clock: Clock) -> Runtime:
    return replace(crowd_runtime, now=clock)


@pytest.fixture
def other(runtime: Runtime, database_url: str) -> Iterator[Runtime]:
    """Another process's, as far as the database can tell."""
    database = Database(database_url)
    yield replace(runtime, database=database)
    database.close()


@pytest.fixture
def invite(runtime: Runtime) -> Callable[[int], list[str]]:
    """Invites so many and returns their addresses."""
    account = make_account(runtime)

    def invite_(count: int) -> list[str]:
        emails = [f"eve{number}@acme.test" for number in range(count)]
        for email in emails:
            invitations.invite(
                runtime, account.operator, email=email, draft=Draft(role="Accountant")
            )
        return emails

    return invite_


def test_two_workers_send_each_letter_once(
    runtime: Runtime, other: Runtime, invite: Callable[[int], list[str]]
) -> None:
    emails = invite(2 * outbox.BATCH + 50)
    sent: list[str] = []
    both = threading.Barrier(2)

    def work(worker: Runtime) -> None:
        waiting = iter([True])

        def send(letter: Letter) -> None:
            if next(waiting, False):  # neither is done before the other begins
                both.wait(30)
            sent.append(letter.to)

        _send_all(worker, send)

    assert at_once(partial(work, runtime), partial(work, other)) == [None, None]
    assert Counter(sent) == Counter(emails)


def test_a_slow_worker_stops_before_its_lease_ends(
    runtime: Runtime, other: Runtime, clock: Clock, invite: Callable[[int], list[str]]
) -> None:
    emails = invite(5)
    sent: list[str] = []

    def slowly(letter: Letter) -> None:
        assert outbox.send_due(other, _unexpected) == 0
        clock.now += LEASE // 3
        sent.append(letter.to)

    outbox.send_due(runtime, slowly)
    assert 0 < len(sent) < len(emails)
    _send_all(other, lambda letter: sent.append(letter.to))
    assert Counter(sent) == Counter(emails)


def test_letters_of_a_worker_that_died_are_sent_when_its_lease_is_over(
    runtime: Runtime, other: Runtime, clock: Clock, invite: Callable[[int], list[str]]
) -> None:
    emails = invite(3)
    with pytest.raises(KeyboardInterrupt):
        outbox.send_due(runtime, _die)
    clock.now += LEASE - 1
    assert outbox.send_due(other, _unexpected) == 0
    clock.now += 1
    sent: list[str] = []
    _send_all(other, lambda letter: sent.append(letter.to))
    assert Counter(sent) == Counter(emails)


@pytest.mark.parametrize("back", [2 * LAST_RETRY, YEAR])
def test_a_clock_set_back_holds_no_letter_up(
    runtime: Runtime, clock: Clock, invite: Callable[[int], list[str]], back: int
) -> None:
    emails = invite(3)
    with pytest.raises(KeyboardInterrupt):
        outbox.send_due(runtime, _die)  # leased
    clock.now -= back
    sent: list[str] = []
    _send_all(runtime, lambda letter: sent.append(letter.to))
    assert Counter(sent) == Counter(emails)


def test_a_clock_set_back_breaks_no_lease_that_holds(
    runtime: Runtime, other: Runtime, clock: Clock, invite: Callable[[int], list[str]]
) -> None:
    emails = invite(3)
    sent: list[str] = []

    def send(letter: Letter) -> None:
        clock.now -= 20 * SECOND
        assert outbox.send_due(other, _unexpected) == 0
        sent.append(letter.to)

    outbox.send_due(runtime, send)
    assert sent == emails


def test_a_folder_that_cannot_be_written_is_tried_again_with_growing_patience(
    runtime: Runtime, clock: Clock, tmp_path: Path, invite: Callable[[int], list[str]]
) -> None:
    [email] = invite(1)
    folder = tmp_path / "outbox"
    folder.write_text("in the way")
    waits = []
    for _ in range(14):
        with capture_logs() as log:
            assert outbox.send_due(runtime, folder_at(folder).send) == 1
        [told] = log
        assert told["event"] == "letter not sent"
        assert "outbox" in told["trouble"]
        assert email not in str(told)
        waits.append(told["retry_s"])
        clock.now += told["retry_s"] * SECOND - 1
        assert outbox.send_due(runtime, _unexpected) == 0
        clock.now += SECOND + 1  # what is told is in whole seconds
    for wait, most in zip(waits, [5, 10, 20, 40], strict=False):
        assert most * 0.79 - 1 <= wait <= most
    assert LAST_RETRY // SECOND * 0.79 <= waits[-1] <= LAST_RETRY // SECOND
    folder.unlink()
    assert outbox.send_due(runtime, folder_at(folder).send) == 1
    [file] = folder.iterdir()
    assert f"To: {email}\n" in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600


def test_one_letter_in_trouble_holds_no_other_up(
    runtime: Runtime, clock: Clock, invite: Callable[[int], list[str]]
) -> None:
    emails = invite(outbox.BATCH + 10)
    sent: list[str] = []

    def send(letter: Letter) -> None:
        if letter.to == emails[3]:
            raise ValueError(letter.link)
        sent.append(letter.to)

    with capture_logs() as log:
        for _ in range(3):
            outbox.send_due(runtime, send)
    assert Counter(sent) == Counter(set(emails) - {emails[3]})
    assert [told["event"] for told in log if told["log_level"] == "warning"] == ["letter not sent"]
    clock.now += LEASE
    assert outbox.send_due(runtime, lambda letter: sent.append(letter.to)) == 1
    assert Counter(sent) == Counter(emails)


def test_an_expired_invitations_letter_is_dropped(
    runtime: Runtime, clock: Clock, invite: Callable[[int], list[str]]
) -> None:
    invite(1)
    clock.now += runtime.invitation_life - LAST_RETRY
    outbox.send_due(runtime, _fail)
    clock.now += LAST_RETRY
    assert outbox.send_due(runtime, _unexpected) == 1
    with runtime.database.read() as transaction:
        assert rows(transaction, "SELECT state FROM letters") == [("dropped",)]


def test_a_letter_whose_key_is_gone_is_renewed_under_the_new_one(
    runtime: Runtime, invite: Callable[[int], list[str]]
) -> None:
    [email] = invite(1)
    new = replace(runtime, keys=Keys((b"another key, of 32 bytes or more as well",)))
    sent: list[Letter] = []
    _send_all(new, sent.append)
    assert [letter.to for letter in sent] == [email]
    with runtime.database.read() as transaction:
        [(sha256, fingerprint)] = rows(
            transaction, "SELECT secret_sha256, key_fingerprint FROM invitations"
        )
    assert digest(secret(sent[0])) == bytes(sha256)
    assert fingerprint == new.keys.fingerprint


def test_after_a_rotation_letters_still_go_out_under_the_old_key(
    runtime: Runtime, invite: Callable[[int], list[str]]
) -> None:
    invite(1)
    both = Keys((b"another key, of 32 bytes or more as well", *runtime.keys.keys))
    sent: list[Letter] = []
    assert outbox.send_due(replace(runtime, keys=both), sent.append) == 1
    with runtime.database.read() as transaction:
        [(sha256,)] = rows(transaction, "SELECT secret_sha256 FROM invitations")
    assert digest(secret(sent[0])) == bytes(sha256)


def _send_all(runtime: Runtime, send: Callable[[Letter], object]) -> None:
    for _ in range(100):
        if not outbox.send_due(runtime, send):
            return
    raise AssertionError


def _unexpected(letter: Letter) -> None:
    raise AssertionError(letter.name)


def _fail(_: Letter) -> None:
    raise OSError


def _die(_: Letter) -> None:
    raise KeyboardInterrupt
