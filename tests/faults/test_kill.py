"""`kill -9` in the middle of writing: what was answered is there, and so is its letter."""

import http.client
import threading
import time
from collections.abc import Callable
from pathlib import Path

from guestlist.actions import outbox
from guestlist.actions.runtime import Runtime
from guestlist.delivery.letters import Folder
from guestlist.domain.links import digest
from tests.faults.accounts import Account, add_up, make_account, rows
from tests.faults.crowd import Client, ask
from tests.servers import LiveServer

WRITERS = 8
KILLS = 3
WRITES_BEFORE_KILL = 200
WRITE_SECONDS = 30
LAST_LINE = "If you did not expect it, you need not do anything.\n"


class Writers:
    """Invite one address after another until the server is gone; `kept` holds what it promised."""

    def __init__(self, server: LiveServer, accounts: list[Account]) -> None:
        self._server = server
        self._accounts = accounts
        self._threads: list[threading.Thread] = []
        self.kept: dict[str, tuple[Account, str]] = {}
        self.refused: list[int] = []

    def start(self, round_: int) -> None:
        self._threads = [
            threading.Thread(target=self._write, args=(f"{round_}-{n}", account))
            for n, account in enumerate(self._accounts)
        ]
        for thread in self._threads:
            thread.start()

    def wait_for(self, more: int) -> float:
        """Returns how many were written a second."""
        before, start = len(self.kept), time.monotonic()
        while len(self.kept) < before + more:
            assert time.monotonic() < start + WRITE_SECONDS, self._server.log
            time.sleep(0.002)
        return more / (time.monotonic() - start)

    def join(self) -> None:
        for thread in self._threads:
            thread.join(WRITE_SECONDS)
            assert not thread.is_alive()

    def _write(self, name: str, account: Account) -> None:
        with Client(self._server.base_url, account.token) as client:
            for number in range(10_000):
                email = f"eve-{name}-{number}@acme.test"
                body = {"email": email, "role": "Accountant"}
                try:
                    answer = client.ask("POST", "/v1/users", body)
                except (OSError, http.client.HTTPException):
                    return
                if answer.status == 200:
                    self.kept[answer.json()["data"]["id"]] = account, email
                else:
                    self.refused.append(answer.status)


def test_what_was_answered_outlives_kill_9_with_its_letter(
    crowd_runtime: Runtime,
    database_url: str,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    made = crowd_runtime
    accounts = [make_account(made) for _ in range(WRITERS)]
    rates = []
    with LiveServer(database_url, tmp_path) as server:
        writers = Writers(server, accounts)
        for round_ in range(KILLS):
            writers.start(round_)
            rates.append(writers.wait_for(WRITES_BEFORE_KILL))
            server.kill()
            writers.join()
            server.start()
        assert writers.refused == []
        for account in accounts:
            mine = {wire_id: email for wire_id, (a, email) in writers.kept.items() if a is account}
            shown = _shown(server, account)
            assert mine.items() <= shown.items()
            # What was in hand may have been written and not answered: one for each kill.
            assert len(shown) <= len(mine) + KILLS
    add_up(made, accounts)
    _every_letter_is_there(made, tmp_path / "outbox")
    lowest = f"{min(rates):.0f} writes/s at the time of the kill"
    record_property("summary", f"kill -9, {database_url.partition(':')[0]}: {lowest}")


def _shown(server: LiveServer, account: Account) -> dict[str, str]:
    shown: dict[str, str] = {}
    for page in range(1, 100):
        answer = ask(server.base_url, account.token, "GET", f"/v1/invites?limit=100&page={page}")
        assert answer.status == 200
        found = answer.json()["data"]
        if not found:
            return shown
        shown |= {invite["id"]: invite["email"] for invite in found}
    raise AssertionError


def _every_letter_is_there(made: Runtime, folder: Path) -> None:
    """Once the leases of those who were killed are over."""
    later = Runtime(
        database=made.database,
        keys=made.keys,
        now=lambda account: made.now(account) + 2 * outbox.LEASE,
        random=made.random,
        public_url=made.public_url,
        invitation_life=made.invitation_life,
    )
    while outbox.send_due(later, Folder(folder).send):
        pass
    with made.database.read() as transaction:
        pending = rows(transaction, "SELECT id, email, secret_sha256 FROM invitations")
    texts = {path.name: path.read_text() for path in folder.iterdir()}
    by_invitation = {name.split("-")[1]: text for name, text in texts.items()}
    assert len(texts) == len(by_invitation) == len(pending)
    for wire_id, email, sha256 in pending:
        text = by_invitation[wire_id]
        assert text.startswith(f"To: {email}\n")
        assert text.endswith(LAST_LINE)
        secret = text.partition("/invitations/")[2].partition("\n")[0]
        assert digest(secret) == bytes(sha256)
