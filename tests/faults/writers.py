"""Clients that write as fast as they are answered."""

import http.client
import threading
import time

from tests.faults.accounts import Account
from tests.faults.crowd import Client, ask
from tests.servers import LiveServer

WRITE_SECONDS = 60
MOST = 10_000


class Writers:
    """Invite one address after another until they are told to stop or the server is gone.

    `kept` holds what was answered: account and address by the invitation's id.
    """

    def __init__(self, server: LiveServer, accounts: list[Account]) -> None:
        self._server = server
        self._accounts = accounts
        self._threads: list[threading.Thread] = []
        self.kept: dict[str, tuple[Account, str]] = {}
        self.refused: list[int] = []
        self._stopping = threading.Event()

    def start(self, round_: int = 0) -> None:
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

    def stop(self) -> None:
        self._stopping.set()
        self.join()

    def join(self) -> None:
        for thread in self._threads:
            thread.join(WRITE_SECONDS)
            assert not thread.is_alive()

    def kept_of(self, account: Account) -> dict[str, str]:
        """Addresses by id."""
        kept = list(self.kept.items())
        return {wire_id: email for wire_id, (who, email) in kept if who is account}

    def _write(self, name: str, account: Account) -> None:
        with Client(self._server.base_url, account.token) as client:
            for number in range(MOST):
                if self._stopping.is_set():
                    return
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


def shown_invites(server: LiveServer, account: Account) -> dict[str, str]:
    """All that the server lists: addresses by id."""
    shown: dict[str, str] = {}
    for page in range(1, 100):
        answer = ask(server.base_url, account.token, "GET", f"/v1/invites?limit=100&page={page}")
        assert answer.status == 200
        found = answer.json()["data"]
        if not found:
            return shown
        shown |= {invite["id"]: invite["email"] for invite in found}
    raise AssertionError
