"""A twin in the test's own process, and what one does with it, over HTTP."""

from types import TracebackType
from typing import Any, Self

import httpx
from starlette.testclient import TestClient

from guestlist.testing.serve import Served
from guestlist.testing.twins import Options, Twin

URL = "http://127.0.0.1"


class Hands:
    """Asks a twin's API and its controls; `token` is of the account that is meant."""

    def __init__(self, http: httpx.Client | TestClient, token: str | None) -> None:
        self.http = http
        self.token = token

    def api(self, method: str, path: str, **more: Any) -> Any:
        headers = {"authorization": f"Bearer {self.token}"} | dict(more.pop("headers", {}))
        return self.http.request(method, path, headers=headers, **more)

    def control(self, method: str, path: str, **more: Any) -> Any:
        """Of the account, or of the whole twin where there is no token."""
        headers = {} if self.token is None else {"authorization": f"Bearer {self.token}"}
        return self.http.request(
            method, f"/_twin{path}", headers=headers | dict(more.pop("headers", {})), **more
        )

    def told(self, method: str, path: str, **more: Any) -> Any:
        """What a control that must work says."""
        answer = self.control(method, path, **more)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def account(self, **document: Any) -> "Hands":
        """Another account, in a realm of its own."""
        return Hands(self.http, self.told("POST", "/accounts", json=document)["token"])

    def invited(self, email: str, role: str = "Accountant") -> str:
        """The id of a new invite."""
        answer = self.api("POST", "/v1/users", json={"email": email, "role": role})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["data"]["id"])

    def emails(self, path: str) -> list[str]:
        return [one["email"] for one in self.api("GET", path).json()["data"]]


class Held:
    """A twin for as long as the block."""

    def __init__(self, **options: Any) -> None:
        self.twin = Twin(Options(public_url=URL, **options))
        self._client = TestClient(
            Served(self.twin),
            base_url=URL,
            raise_server_exceptions=False,
            headers={"host": URL[7:]},
        )

    def __enter__(self) -> Self:
        self._client.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.__exit__(kind, error, trace)

    @property
    def whole(self) -> Hands:
        return Hands(self._client, None)

    @property
    def first(self) -> Hands:
        return Hands(self._client, self.twin.accounts[0].tokens[0]["token"])
