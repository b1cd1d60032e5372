"""Calls of a twin's API and controls, drawn one after another from what the answers told so far."""

import random
from typing import Any, TypeAlias

from tests.testing.hands import Hands
from tests.testing.listening import PATH as WEBHOOKS

# The call, the status, the headers as they came, the body.
Told: TypeAlias = tuple[str, int, list[tuple[bytes, bytes]], bytes]

ROLES = ["Admin", "Manager", "Designer", "Accountant", "Custom User", "Nobody"]
WORLD = {
    "domains": [{"id": "1dom", "name": "mail.acme.test"}, {"id": "2dom", "name": "b.acme.test"}],
    "templates": [{"id": "1tem", "name": "Hello", "type": "html"}],
}
# Nobody listens there: attempts fail, and are made again.
CLOSED = "http://127.0.0.1:1/hook"
UNKNOWN = "zzzz000000000000"


class Script:
    """Of one account; the same `seed` and the same answers are the same calls.

    One that `strays` asks the first realm too, as nobody it knows.
    """

    def __init__(self, hands: Hands, seed: int, *, strays: bool = False) -> None:
        self.hands = hands
        self.told: list[Told] = []
        self._draw = random.Random(seed)  # noqa: S311 - no secret: the same every time
        # What there was of each at some time: some of it is gone, as after a restore.
        self._ids: dict[str, list[str]] = {"users": [], "invites": [], "token": [], "webhook": []}
        self._deeds = [
            *[self._invite] * 6,
            *[self._list] * 4,
            *[self._change_invite] * 4,
            *[self._answer_invite] * 4,
            *[self._change_user] * 4,
            *[self._change_token] * 3,
            *[self._go_on] * 3,
            *(
                self._webhook,
                self._webhook,
                self._bulk,
                self._wrong,
                self._wrong,
                self._ask,
                self._go_back,
            ),
            *([self._stray] if strays else []),
        ]

    def play(self, calls: int) -> list[Told]:
        while len(self.told) < calls:
            self.step()
        return self.told

    def step(self) -> None:
        self._draw.choice(self._deeds)()

    def _api(self, method: str, path: str, **more: Any) -> Any:
        return self._kept(f"{method} {path}", self.hands.api(method, path, **more))

    def _control(self, method: str, path: str, **more: Any) -> Any:
        return self._kept(f"{method} /_twin{path}", self.hands.control(method, path, **more))

    def _kept(self, call: str, answer: Any) -> Any:
        self.told.append((call, answer.status_code, answer.headers.raw, answer.content))
        return answer

    def _known(self, kind: str) -> str:
        """One of the newest of these; now and then one that never was."""
        known = self._ids[kind][-3:]
        return self._draw.choice(known) if known and self._draw.random() < 0.9 else UNKNOWN

    def _learn(self, kind: str, answer: Any) -> None:
        if answer.status_code == 200:
            self._ids[kind].append(answer.json()["data"]["id"])

    def _email(self) -> str:
        shape = self._draw.choice(["p{}@acme.test"] * 4 + ["P{}@Acme.Test", "no {}"])
        return shape.format(self._draw.randrange(200))

    def _grant(self) -> dict[str, Any]:
        found: dict[str, Any] = {"role": self._draw.choice(ROLES)}
        if found["role"] == "Custom User" or self._draw.random() < 0.2:
            found["permissions"] = self._draw.sample(["read-all-templates", "no"], 1)
            found["domains"] = self._draw.sample(["1dom", "2dom", "3dom"], 2)
            found["templates"] = ["1tem"]
        return found

    def _invite(self) -> None:
        headers = {}
        if self._draw.random() < 0.3:
            headers["idempotency-key"] = f"key-{self._draw.randrange(5)}"
        body = {"email": self._email()} | self._grant()
        self._learn("invites", self._api("POST", "/v1/users", json=body, headers=headers))

    def _list(self) -> None:
        path = self._draw.choice(
            [
                *("/v1/users", "/v1/invites", "/v1/token", "/v1/domains", "/v1/templates"),
                *("/guestlist/v1/audit", "/v1/api-quota", "/guestlist/v1/catalog", WEBHOOKS),
            ]
        )
        query = self._draw.choice(["", "?limit=10", "?page=2&limit=10", "?limit=1", "?page=x"])
        answer = self._api("GET", path + query)
        if "etag" in answer.headers and self._draw.random() < 0.3:
            self._api("GET", path + query, headers={"if-none-match": answer.headers["etag"]})

    def _change_invite(self) -> None:
        path = f"/v1/invites/{self._known('invites')}"
        method, path = self._draw.choice(
            [
                ("POST", f"{path}/resend"),
                ("GET", path),
                ("DELETE", path),
                ("POST", f"/guestlist{path}/link"),
            ]
        )
        self._api(method, path)

    def _answer_invite(self) -> None:
        path = f"/invites/{self._known('invites')}"
        if self._draw.random() < 0.3:
            self._control("POST", f"{path}/decline")
            return
        answer = self._control("POST", f"{path}/accept", json={"name": "Eve", "last_name": "Doe"})
        if answer.status_code == 200:
            self._ids["users"].append(answer.json()["user_id"])

    def _change_user(self) -> None:
        path = f"/v1/users/{self._known('users')}"
        deed = self._draw.choice(["GET", "PUT", "PUT", "DELETE", "suspend", "reactivate"])
        if deed == "PUT":
            self._api("PUT", path, json=self._grant())
        elif deed.isupper():
            self._api(deed, path)
        else:
            self._api("POST", f"/guestlist{path}/{deed}")

    def _change_token(self) -> None:
        token = self._known("token")
        deed = self._draw.choice(["POST", "POST", "PUT", "settings", "DELETE", "GET"])
        if deed == "POST":
            scopes = self._draw.sample(
                ["users_full", "users_read", "tokens_read", "tokens_full", "no"], 2
            )
            self._learn(
                "token", self._api("POST", "/v1/token", json={"name": "t", "scopes": scopes})
            )
        elif deed == "settings":
            status = {"status": self._draw.choice(["pause", "unpause", "no"])}
            self._api("PUT", f"/v1/token/{token}/settings", json=status)
        else:
            body = {"name": "other"} if deed == "PUT" else None
            self._api(deed, f"/v1/token/{token}", json=body)

    def _go_on(self) -> None:
        """What became of webhooks can be told beforehand only once they were waited for."""
        span = self._draw.choice([{}, {"seconds": 5.5}, {"hours": 7}, {"days": 1}, {"days": -1}])
        answer = self._control("POST", "/clock/advance", json=span)
        if answer.status_code == 200:
            self._api("GET", f"{WEBHOOKS}/{self._known('webhook')}/deliveries")
        self._control("GET", "/outbox?kind=reminder")

    def _webhook(self) -> None:
        webhook = self._known("webhook")
        deed = self._draw.choice(["POST", "secret", "test", "PUT", "DELETE"])
        if deed == "POST":
            events = ["invite.accepted", "invite.expired", "token.created"]
            made = {"name": "crew", "url": CLOSED, "events": events}
            self._learn("webhook", self._api("POST", WEBHOOKS, json=made))
        elif deed.isupper():
            body = {"enabled": self._draw.random() < 0.7}
            self._api(deed, f"{WEBHOOKS}/{webhook}", json=body if deed == "PUT" else None)
        else:
            self._api("POST", f"{WEBHOOKS}/{webhook}/{deed}")

    def _bulk(self) -> None:
        rows = [{"email": self._email(), "role": "Manager"} for _ in range(3)]
        self._api("POST", "/guestlist/v1/invites/bulk", json={"invitations": rows})

    def _wrong(self) -> None:
        wrong: list[tuple[str, str, dict[str, Any]]] = [
            ("POST", "/v1/users", {"content": b'{"email": '}),
            ("POST", "/v1/users", {"json": []}),
            ("POST", "/v1/users", {"json": {"email": 7, "role": None}}),
            ("PUT", "/v1/users", {}),
            ("GET", "/v1/nothing", {}),
            ("GET", f"/v1/users/{UNKNOWN}", {"params": {"page": "0"}}),
            ("DELETE", f"/v1/users/{UNKNOWN}", {}),
            ("POST", "/_twin/nothing", {}),
        ]
        method, path, more = self._draw.choice(wrong)
        self._api(method, path, **more)

    def _stray(self) -> None:
        self._api("GET", "/v1/users", headers={"authorization": "Bearer nobody"})

    def _ask(self) -> None:
        path = self._draw.choice(["/clock", "/world", "/outbox", ""])
        self._control("GET", path)

    def _go_back(self) -> None:
        """A reset is rare: it takes all that there was."""
        name = self._draw.choice(["one", "one", "other"])
        path = self._draw.choice([*["/snapshot"] * 3, *["/restore"] * 4, "/reset"])
        self._control("POST", path, json={"name": name} if path != "/reset" else None)
