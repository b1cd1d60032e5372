"""The examples of docs/webhooks.md verify what is really sent."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import WebhookVerificationError

from guestlist.domain import events, webhooks
from guestlist.domain.events import Event
from guestlist.domain.instants import parse, written
from guestlist.domain.webhooks import SECOND, Webhook, standard_secret

PAGE = (Path(__file__).parents[2] / "docs/webhooks.md").read_text()
SECRET = "k3J9xQ2mV7rT1bN8cZ5wY4hL6pD0sFgA"
OTHER = "A" + SECRET[1:]
BODY = '{"type":"webhook.test","data":{"message":"Grüße"}}'.encode()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def python() -> dict[str, Any]:
    names: dict[str, Any] = {}
    for block in blocks("python"):
        exec(block, names)  # noqa: S102 - our own page, as a reader would run it
    return names


def headers(*secrets: str, seconds: int) -> dict[str, str]:
    return webhooks.headers("msg_a_1", BODY, secrets=secrets, now=seconds * SECOND)


def test_the_python_examples_verify_what_is_sent() -> None:
    shown = python()
    import time  # noqa: PLC0415 - the library looks at the clock

    now = int(time.time())
    told = headers("another", SECRET, seconds=now)
    assert shown["event_of"](BODY, told, standard_secret(SECRET)) == json.loads(BODY)
    assert shown["is_genuine"](BODY, told, SECRET)
    assert not shown["is_genuine"](BODY, told, OTHER)
    assert not shown["is_genuine"](BODY + b" ", told, SECRET)
    assert not shown["is_genuine"](BODY, headers(SECRET, seconds=now - 301), SECRET)
    with pytest.raises(WebhookVerificationError):
        shown["event_of"](BODY, told, standard_secret(OTHER))


def test_the_node_example_verifies_what_is_sent(tmp_path: Path) -> None:
    if shutil.which("node") is None:
        pytest.skip("Node is not installed")
    [shown] = blocks("js")
    told = {**headers("another", SECRET, seconds=1_000)}
    given = json.dumps([BODY.decode(), told, SECRET, OTHER])
    asked = f"""
        const [body, headers, secret, other] = {given};
        console.log(JSON.stringify([
          isGenuine(Buffer.from(body), headers, secret, 1000),
          isGenuine(Buffer.from(body), headers, other, 1000),
          isGenuine(Buffer.from(body + " "), headers, secret, 1000),
          isGenuine(Buffer.from(body), headers, secret, 1301),
        ]));
    """
    script = tmp_path / "verify.mjs"
    script.write_text(shown + asked)
    done = subprocess.run(["node", script], capture_output=True, text=True, check=True, timeout=60)
    assert json.loads(done.stdout) == [True, False, False, False]


def test_every_type_of_event_has_its_row() -> None:
    rows = re.findall(r"^\| `([a-z.]+)` \|.*\| `(\w+)` \|$", PAGE, re.MULTILINE)
    assert sorted(type_ for type_, _ in rows) == sorted(events.TYPES)


def test_the_event_that_is_shown_has_the_keys_that_are_sent() -> None:
    [shown] = map(json.loads, blocks("json"))
    at = parse(shown["timestamp"])
    assert written(at) == shown["timestamp"]
    event = Event(shown["sequence"], shown["type"], at, shown["data"])
    webhook = Webhook(
        key=1,
        id=shown["webhook_id"],
        name="crew",
        url=shown["url"],
        events=(shown["type"],),
        is_enabled=True,
        trouble=None,
        old_secret_until=None,
        created_at=at,
        updated_at=at,
    )
    sent = webhooks.payload(event, account_id=shown["account_id"], webhook=webhook)
    assert list(sent.items()) == list(shown.items())
    told = events.told("user:x", actor="", request="", before=None, after=None)
    assert list(told) == list(shown["data"])
