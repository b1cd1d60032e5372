"""Somebody at a browser without scripts: keeps cookies, follows, posts the forms they are shown."""

import re
from html import unescape
from typing import Any

from starlette.testclient import TestClient

from tests.stand import PUBLIC_URL, Stand

_TOKEN = re.compile(r'name="form" value="([^"]+)"')
_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')
PASSWORD = "correct horse battery staple"


class Visitor:
    """`page` is the last answer."""

    def __init__(self, stand: Stand, *, network: str = "192.0.2.1", agent: str = "Tests/1") -> None:
        self.stand = stand
        self.http = TestClient(
            stand.front,
            base_url=stand.runtime.public_url,
            raise_server_exceptions=False,
            client=(network, 50_000),
            headers={"user-agent": agent},
        )
        self.page: Any = None

    @property
    def text(self) -> str:
        return unescape(self.page.text)

    @property
    def token(self) -> str:
        """Of the forms of the last page that had one."""
        return self._token

    _token = ""

    def get(self, path: str, **more: Any) -> Any:
        return self._seen(self.http.get(path.removeprefix(PUBLIC_URL), **more))

    def post(self, path: str, **fields: Any) -> Any:
        """With the last form's token, unless `form=` says otherwise; `headers=` are sent too."""
        headers = fields.pop("headers", None)
        data = {"form": self._token} | fields
        return self._seen(self.http.post(path, data=data, headers=headers))

    def upload(self, path: str, body: bytes, **fields: str) -> Any:
        data = {"form": self._token} | fields
        return self._seen(self.http.post(path, data=data, files={"picture": ("p", body)}))

    def _seen(self, answer: Any) -> Any:
        self.page = answer
        found = _TOKEN.search(answer.text)
        if found:
            self._token = found[1]
        return answer

    def sign_in(self, email: str, password: str = PASSWORD) -> Any:
        self.get("/sign-in")
        return self.post("/sign-in", email=email, password=password)

    def accept(self, link: str, **fields: str) -> Any:
        """Opens a link and says yes, as a new person unless `fields` say otherwise."""
        self.get(link)
        new = {"name": "Eve", "last_name": "Ng", "password": PASSWORD}
        return self.post("/invitations/accept", headers=None, **(new | fields))

    def cookie(self, name: str) -> str | None:
        return self.http.cookies.get(f"guestlist-{name}")
