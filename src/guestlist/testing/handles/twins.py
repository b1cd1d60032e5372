"""A twin, and one test's hand on it."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from typing import Any, TypeAlias

from guestlist.testing.handles.accounts import Account
from guestlist.testing.handles.controls import Controls

Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
ASGI: TypeAlias = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]
WSGI: TypeAlias = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Elsewhere(Exception):
    """The twin is another process."""

    def __init__(self, url: str) -> None:
        super().__init__(f"The twin at {url} is another process: it is reached by its URL alone.")


class Twin:
    """A running twin: at a URL and, where it is in this process, as an application.

    `asgi` may be called from any loop, `wsgi` from any thread.
    """

    def __init__(self, url: str, *, asgi: ASGI | None = None, wsgi: WSGI | None = None) -> None:
        self.url = url.rstrip("/")
        self.base_url = f"{self.url}/v1"
        self.controls = Controls(self.url)
        self._asgi, self._wsgi = asgi, wsgi

    @property
    def asgi(self) -> ASGI:
        """Raises Elsewhere."""
        if self._asgi is None:
            raise Elsewhere(self.url)
        return self._asgi

    @property
    def wsgi(self) -> WSGI:
        """Raises Elsewhere."""
        if self._wsgi is None:
            raise Elsewhere(self.url)
        return self._wsgi

    def new_account(
        self, document: Mapping[str, Any] | None = None, *, realm: str | None = None
    ) -> Account:
        """An account that begins as a document says, which is one of an import's `accounts`.

        What it leaves out is made up: an Admin, and a token with every scope. The same `realm`, and
        the same calls, give the same ids. Whoever makes it drops it. Raises Refused.
        """
        body = dict(document or {}) | ({} if realm is None else {"realm": realm})
        return Account(self.url, self.controls.ask("POST", "/accounts", body))


class Guestlist:
    """A twin in one test's hands: with an account of its own, and more where it wants them."""

    def __init__(self, twin: Twin, account: Account, *, realm: str) -> None:
        self.twin = twin
        self.account = account
        self.url, self.base_url, self.token = twin.url, twin.base_url, account.token
        self._realm = realm
        self._more: list[Account] = []

    @property
    def asgi(self) -> ASGI:
        """For `httpx.ASGITransport`, from any loop. Raises Elsewhere."""
        return self.twin.asgi

    @property
    def wsgi(self) -> WSGI:
        """For `httpx.WSGITransport`, from any thread. Raises Elsewhere."""
        return self.twin.wsgi

    @property
    def env(self) -> dict[str, str]:
        """What tells clients of this account: variables that they, or you, read."""
        return {
            "GUESTLIST_TWIN_URL": self.url,
            "MAILERSEND_API_BASE_URL": self.base_url,
            "MAILERSEND_API_KEY": self.token,
            "MAILERSEND_API_TOKEN": self.token,
        }

    def new_account(self, **document: Any) -> Account:
        """Another one, thrown away after the test; see `Twin.new_account`. Raises Refused."""
        realm = f"{self._realm}#{len(self._more) + 2}"
        self._more.append(self.twin.new_account(document, realm=realm))
        return self._more[-1]

    def close(self) -> None:
        """Throws the others away; the first is dropped by whoever made it."""
        for account in self._more:
            account.drop()
