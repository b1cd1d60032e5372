"""Mail servers that refuse, hang and go away: each letter arrives or has failed, with words."""

import email
import email.policy
import json
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from guestlist.actions import outbox
from guestlist.actions.runtime import Runtime
from guestlist.delivery.smtp import Security, Server, Smtp
from guestlist.domain.letters import Deferred, Kind, Undeliverable
from guestlist.store.schema import letters as table
from tests.certificates import certify
from tests.delivery.letters import letter
from tests.faults.accounts import make_account
from tests.faults.accounts import rows as rows_of
from tests.faults.crowd import runtime
from tests.mail import STATIONERY
from tests.servers import LiveServer
from tests.stand import Stand, Team
from tests.store.reading import rows

TWO_COPIES = "lost"
FOR_GOOD = {"550": "550 as I was told", "data554": "quote the letter's link"}
LATER = {
    "451": "451 as I was told",
    "421": "421 as I was told",
    "530": "530 as I was told",
    "hang": "took too long to answer",
    "drop": "127.0.0.1",
    "middata": "127.0.0.1",
    "data451": "quote the letter's link",
    TWO_COPIES: "127.0.0.1",
}
PATIENCE_SECONDS = 30
# Of three letters, while the server has the last one in hand: their states and attempts.
HANGING = [("queued", 1), ("sent", 1), ("sent", 1)]


class PostOffice:
    """The mail server's process, and what it kept."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        command = [sys.executable, "-m", "tests.faults.mail_server", str(folder)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.ports = [int(port) for port in self.process.stdout.readline().split()]
        self.port = self.ports[0]
        self._senders: list[Smtp] = []

    def close(self) -> None:
        for sender in self._senders:
            sender.close()
        self.process.kill()
        self.process.communicate()

    def mend(self) -> None:
        """From now on nobody is refused."""
        (self.folder / "mended").touch()

    @property
    def files(self) -> list[Path]:
        return sorted(self.folder.glob("*.eml"))

    @property
    def kept(self) -> list[EmailMessage]:
        policy = email.policy.SMTPUTF8
        return [email.message_from_bytes(file.read_bytes(), policy=policy) for file in self.files]

    def sender(self, clock: Callable[[], float] = time.monotonic, **changed: Any) -> Smtp:
        made = Smtp(self.server(**changed), STATIONERY, clock=clock)
        self._senders.append(made)
        return made

    def server(self, **changed: Any) -> Server:
        short: dict[str, Any] = {"connect_seconds": 5, "command_seconds": 1, "letter_seconds": 10}
        facts: dict[str, Any] = {"host": "127.0.0.1", "port": self.port, "security": Security.NONE}
        return Server(**facts | short | changed)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[PostOffice]:
    folder = tmp_path / "post"
    folder.mkdir()
    made = PostOffice(folder)
    yield made
    made.close()


@pytest.fixture
def team(database_url: str) -> Iterator[Team]:
    with Stand(database_url) as stand:
        yield Team(stand)


def send_all(team: Team, sender: Smtp) -> list[dict[str, Any]]:
    """Everything that is due, and what the log says of it."""
    with capture_logs() as log:
        while outbox.send_due(team.stand.runtime, sender.send):
            pass
    return [dict(told) for told in log]


def states(team: Team) -> dict[str, tuple[str, str | None]]:
    """How each letter stands, by how its address makes the server fail."""
    found = outbox.list_undelivered(team.stand.runtime)
    return {str(one.to).partition("-")[0]: (one.state, one.trouble) for one in found}


def test_each_letter_arrives_or_has_failed_with_the_servers_words(
    team: Team, office: PostOffice
) -> None:
    for how in (*FOR_GOOD, *LATER, "fine"):
        team.invited(f"{how}-eve@x.test")
    sender = office.sender()
    log = send_all(team, sender)
    found = states(team)
    assert found.keys() == FOR_GOOD.keys() | LATER.keys()
    for how, words in FOR_GOOD.items():
        state, trouble = found[how]
        assert (state, words in (trouble or "")) == ("failed", True), trouble
    for how, words in LATER.items():
        state, trouble = found[how]
        assert (state, words in (trouble or "")) == ("queued", True), trouble
    assert not any("/invitations/" in str(told) for told in [*log, *found.values()])

    office.mend()
    team.stand.clock.advance(seconds=10)
    send_all(team, sender)
    assert states(team).keys() == FOR_GOOD.keys()
    copies = Counter(str(message["To"]) for message in office.kept)
    wanted = {f"{how}-eve@x.test": 1 for how in (*LATER, "fine")}
    assert copies == wanted | {f"{TWO_COPIES}-eve@x.test": 2}
    assert len({message["Message-ID"] for message in office.kept}) == len(wanted)


def test_a_letter_that_failed_is_sent_when_the_operator_says_so(
    team: Team, office: PostOffice
) -> None:
    team.invited("550-eve@x.test")
    sender = office.sender()
    send_all(team, sender)
    [failed] = outbox.list_undelivered(team.stand.runtime)
    office.mend()
    assert outbox.retry(team.stand.runtime, failed.key) == 1
    send_all(team, sender)
    assert [message["To"] for message in office.kept] == ["550-eve@x.test"]
    assert outbox.list_undelivered(team.stand.runtime) == []


def test_what_is_tried_in_vain_for_three_days_has_failed_with_the_last_words(
    team: Team, office: PostOffice
) -> None:
    team.invited("451-eve@x.test")
    sender = office.sender()
    attempts = 0
    while states(team)["451"][0] == "queued":
        send_all(team, sender)
        attempts += 1
        team.stand.clock.advance(seconds=3_600)
    assert attempts == 73
    assert states(team)["451"] == ("failed", f"127.0.0.1:{office.port}: 451 as I was told")
    [row] = rows(team.stand, table)
    assert row["sent_at"] is None


def test_letters_that_follow_one_another_share_a_connection_that_is_given_back(
    office: PostOffice,
) -> None:
    now = [0.0]
    sender = office.sender(clock=lambda: now[0], idle_seconds=5)
    for number in range(3):
        sender.send(letter(Kind.REMOVED, to=f"a{number}@x.test"))
        now[0] += 4
        sender.rest()
    with pytest.raises(Undeliverable):  # a refusal does not end it
        sender.send(letter(Kind.REMOVED, to="550-x@x.test"))
    sender.send(letter(Kind.REMOVED, to="a3@x.test"))
    now[0] += 5
    sender.rest()
    sender.send(letter(Kind.REMOVED, to="a4@x.test"))
    connections = [file.stem.rpartition("-")[2] for file in office.files]
    assert len(set(connections[:4])) == 1
    assert connections[4] not in connections[:4]


def test_a_connection_that_died_meanwhile_is_replaced(office: PostOffice) -> None:
    sender = office.sender()
    sender.send(letter(Kind.REMOVED, to="a@x.test"))
    with pytest.raises(Deferred):
        sender.send(letter(Kind.REMOVED, to="drop-b@x.test"))
    office.mend()
    for to in ("drop-b@x.test", "c@x.test"):
        sender.send(letter(Kind.REMOVED, to=to))
    assert len(office.files) == 3
    office.process.kill()
    office.process.wait()
    with pytest.raises(Deferred):
        sender.send(letter(Kind.REMOVED, to="d@x.test"))


def test_addresses_beyond_ascii_arrive(office: PostOffice) -> None:
    sender = office.sender()
    for to in ("ève@bücher.test", "eve+plus@bücher.test", '"a b"@x.test'):
        sender.send(letter(Kind.INVITATION, "fr", to=to))
    found = [str(message["To"]) for message in office.kept]
    assert found == ["ève@xn--bcher-kva.test", "eve+plus@xn--bcher-kva.test", '"a b"@x.test']
    assert all("rejoindre Acme & Söhne" in str(message["Subject"]) for message in office.kept)


@pytest.mark.parametrize(
    "changed",
    [
        {"security": Security.STARTTLS},  # it offers none, so nothing is said
        {"security": Security.TLS},
        {"user": "eve", "password": "secret of a mail server"},  # it knows no login
    ],
)
def test_what_is_wrong_with_the_server_fails_no_letter(
    office: PostOffice, changed: dict[str, Any]
) -> None:
    sender = office.sender(**changed)
    with pytest.raises(Deferred) as told:
        sender.send(letter(Kind.REMOVED))
    assert "secret of" not in str(told.value)
    assert office.files == []


@pytest.fixture
def sealed(tmp_path: Path) -> Iterator[PostOffice]:
    """A mail server with a certificate that nobody but `trust` trusts."""
    folder = tmp_path / "sealed"
    folder.mkdir()
    certify(folder / "mail.pem")
    made = PostOffice(folder)
    yield made
    made.close()


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
def test_letters_leave_encrypted_and_only_to_a_server_that_is_trusted(
    sealed: PostOffice, security: Security
) -> None:
    login = {"user": "eve@x.test", "password": "known to the mail server"}
    options: dict[str, Any] = {
        "port": sealed.ports[1 if security is Security.STARTTLS else 2],
        "security": security,
        "host": "localhost",
    } | (login if security is Security.STARTTLS else {})
    trust = ssl.create_default_context(cafile=str(sealed.folder / "mail.pem"))
    with pytest.raises(Deferred, match=r"(?i)certificate"):
        sealed.sender(**options).send(letter(Kind.REMOVED))
    if security is Security.STARTTLS:
        wrong = options | {"password": "a guess", "trust": trust}
        with pytest.raises(Deferred, match="535") as told:
            sealed.sender(**wrong).send(letter(Kind.REMOVED))
        assert "a guess" not in str(told.value)
    assert sealed.files == []
    sealed.sender(**options, trust=trust).send(letter(Kind.REMOVED))
    assert len(sealed.files) == 1


@pytest.mark.parametrize("greeting", [b"", b"554 go away\r\n", b"421 later\r\n", b"what?\r\n"])
def test_a_server_that_does_not_greet_fails_no_letter(greeting: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        server = Server(host="127.0.0.1", port=port, security=Security.NONE, connect_seconds=0.5)
        sender = Smtp(server, STATIONERY)
        if greeting:
            with _greeting(greeting, listening), pytest.raises(Deferred):
                sender.send(letter(Kind.REMOVED))
        else:
            with pytest.raises(Deferred, match="took too long to answer"):
                sender.send(letter(Kind.REMOVED))
        sender.close()


class _greeting:  # noqa: N801 - reads as what it does
    """Whoever connects is greeted so, and nothing more is said."""

    def __init__(self, said: bytes, listening: socket.socket) -> None:
        self._thread = threading.Thread(target=self._greet, args=(listening, said))

    def _greet(self, listening: socket.socket, said: bytes) -> None:
        connection, _ = listening.accept()
        with connection:
            connection.sendall(said)
            connection.settimeout(5)
            while connection.recv(1_024):
                pass

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._thread.join(PATIENCE_SECONDS)


def test_kill_9_between_commit_and_send_loses_no_letter(
    database_url: str, tmp_path: Path, office: PostOffice
) -> None:
    made = runtime(database_url)
    account = make_account(made)
    mail = f"smtp://127.0.0.1:{office.port}?tls=none"
    emails = ["a@x.test", "c@x.test", "hang-b@x.test"]
    with LiveServer(database_url, tmp_path, "--mail", mail) as server:
        for address in emails:
            body = json.dumps({"email": address, "role": "Designer"}).encode()
            request = urllib.request.Request(
                f"{server.base_url}/v1/users",
                data=body,
                headers={"authorization": f"Bearer {account.token}"},
            )
            urllib.request.urlopen(request, timeout=PATIENCE_SECONDS).close()
        _wait_until(lambda: sorted(_attempts(made)) == HANGING, "it hangs in the last letter")
        server.kill()
    office.mend()
    later = replace(made, now=lambda key: made.now(key) + 2 * outbox.LEASE)
    sender = office.sender()
    while outbox.send_due(later, sender.send):
        pass
    assert {state for state, _ in _attempts(made)} == {"sent"}
    made.database.close()
    assert sorted(str(message["To"]) for message in office.kept) == emails


def _attempts(made: Runtime) -> list[tuple[Any, ...]]:
    with made.database.read() as transaction:
        return rows_of(transaction, "SELECT state, attempts FROM letters")


def _wait_until(is_so: Callable[[], object], what: str) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < end, what
        time.sleep(0.05)
