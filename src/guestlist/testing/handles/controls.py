"""Asking a twin's controls."""

import json
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlencode, urlsplit

# Longer than an advance may take.
PATIENCE_SECONDS = 75.0


class Refused(Exception):
    """A control that was not done: `status` is HTTP's; the words say why and what to do."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Controls:
    """The controls of the twin at a URL, as one account's token or as nobody."""

    def __init__(self, url: str, token: str = "") -> None:
        self.url = url.rstrip("/")
        self._token = token

    def ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        query: Mapping[str, str | float | None] | None = None,
        patience: float = PATIENCE_SECONDS,
    ) -> Any:
        """The answer of a control, as in `ask("POST", "/clock/advance", {"days": 8})`.

        What of a query is None is left out. Raises Refused, and OSError where no twin answers.
        """
        asked = urlencode({name: it for name, it in (query or {}).items() if it is not None})
        headers = {"content-type": "application/json"}
        if self._token:
            headers["authorization"] = f"Bearer {self._token}"
        status, answer = self._answer(
            method, f"/_twin{path}" + (f"?{asked}" if asked else ""), body, headers, patience
        )
        try:
            told = json.loads(answer)
        except ValueError as error:
            raise Refused(status, f"{self.url} is no twin of Guestlist.") from error
        if status >= 400:  # noqa: PLR2004 - HTTP's own border
            raise Refused(status, str(told.get("message")))
        return told

    def _answer(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None,
        headers: Mapping[str, str],
        patience: float,
    ) -> tuple[int, bytes]:
        at = urlsplit(self.url)
        kind = HTTPSConnection if at.scheme == "https" else HTTPConnection
        connection = kind(at.hostname or "", at.port, timeout=patience)
        try:
            connection.request(method, path, json.dumps(body or {}), headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except HTTPException as error:
            raise ConnectionError(f"The twin at {self.url} left without an answer.") from error
        finally:
            connection.close()
