"""Webhooks: what one may be, how it is signed, and when it is sent again."""

import hashlib
import hmac
import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guestlist.domain import destinations, events, webhooks
from guestlist.domain.destinations import Allowed
from guestlist.domain.refusals import Fault, Invalid, Rule, TooManyWebhooks
from guestlist.domain.webhooks import HOUR, SECOND, Shape

GOOD: dict[str, Any] = {
    "name": "crew",
    "url": "https://crew.acme.test/in",
    "events": ["user.invited"],
}
NOTHING = Allowed()
INSIDE = destinations.read("10.0.0.0/8,127.0.0.1:9000")


def faults(allowed: Allowed = NOTHING, **changed: Any) -> list[tuple[str, Rule]]:
    try:
        webhooks.examine_new(Shape(**{**GOOD, **changed}), allowed=allowed, count=0)
    except Invalid as invalid:
        return [(fault.field, fault.rule) for fault in invalid.faults]
    return []


@pytest.mark.parametrize(
    "url",
    [
        "https://crew.acme.test",
        "HTTPS://Crew.Acme.Test:8443/in?key=1",
        "https://bücher.example/in",
        "https://crew.acme.test/%20/?a=b",
        "https://93.184.216.34/in",
        "https://[2606:4700:4700::1111]:8443/in",
    ],
)
def test_a_webhook_is_at_an_https_url(url: str) -> None:
    assert faults(url=url) == []


@pytest.mark.parametrize(
    "url",
    [
        "http://crew.acme.test/in",
        "ftp://crew.acme.test/in",
        "https://ana@crew.acme.test/in",
        "https://ana:secret@crew.acme.test/in",
        "https://crew.acme.test/in#part",
        "https://crew.acme.test\\@10.0.0.1/in",
        "https://crew.acme.test:0/in",
        "https://crew.acme.test:65536/in",
        "https://crew.acme.test:x/in",
        "https://crew .acme.test/in",
        "https:///in",
        "https://-/in",
        "https://crew.acme.test/\nin",
        "https://crew.acme.test/a b",
        "//crew.acme.test/in",
        "crew.acme.test",
        "",
    ],
)
def test_what_is_no_https_url_is_refused(url: str) -> None:
    assert faults(url=url) == [("url", Rule.URL)]


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "10.1.2.3", "169.254.169.254", "[::1]", "[::ffff:8.8.8.8]", "[fd00:ec2::254]"],
)
def test_an_address_inside_is_refused_at_once(host: str) -> None:
    assert faults(url=f"https://{host}/in") == [("url", Rule.PUBLIC)]


def test_what_is_allowed_may_be_inside_and_without_https() -> None:
    for url in ("http://10.1.2.3/in", "https://10.1.2.3/in", "http://127.0.0.1:9000/in"):
        assert faults(INSIDE, url=url) == []
    assert faults(INSIDE, url="http://127.0.0.1:9001/in") == [("url", Rule.URL)]
    assert faults(INSIDE, url="https://192.168.0.1/in") == [("url", Rule.PUBLIC)]
    # A name is judged by its address at each attempt.
    assert faults(INSIDE, url="http://receiver:9000/in") == []


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"name": None}, [("name", Rule.REQUIRED)]),
        ({"name": "  "}, [("name", Rule.REQUIRED)]),
        ({"name": 7}, [("name", Rule.STRING)]),
        ({"name": "a\0b"}, [("name", Rule.STRING)]),
        ({"name": 51 * "x"}, [("name", Rule.MAX_CHARACTERS)]),
        ({"name": 50 * "x"}, []),
        ({"url": None}, [("url", Rule.REQUIRED)]),
        ({"url": ["https://x.test"]}, [("url", Rule.STRING)]),
        ({"url": "https://x.test/" + 2_000 * "x"}, [("url", Rule.MAX_CHARACTERS)]),
        ({"events": None}, [("events", Rule.REQUIRED)]),
        ({"events": []}, [("events", Rule.REQUIRED)]),
        ({"events": "user.invited"}, [("events", Rule.ARRAY)]),
        ({"events": ["user.invited", "user.seen", 7]}, 2 * [("", Rule.SELECTED)]),
        ({"events": ["webhook.test"]}, [("events.0", Rule.SELECTED)]),
        ({"events": 12 * ["user.invited"]}, [("events", Rule.MAX_ITEMS)]),
        ({"events": list(events.TYPES)}, []),
        ({"is_enabled": "yes"}, [("enabled", Rule.BOOLEAN)]),
        ({"is_enabled": False}, []),
    ],
)
def test_what_a_webhook_must_be(changed: dict[str, Any], expected: list[tuple[str, Rule]]) -> None:
    found = faults(**changed)
    assert [rule for _, rule in found] == [rule for _, rule in expected]
    assert [field for field, _ in found if ("", Rule.SELECTED) not in expected] == [
        field for field, _ in expected if field
    ]


def test_what_is_left_out_of_a_change_stays() -> None:
    webhooks.examine_change(Shape(), allowed=NOTHING)
    with pytest.raises(Invalid):
        webhooks.examine_change(Shape(events=[]), allowed=NOTHING)


def test_an_account_has_at_most_twenty() -> None:
    webhooks.examine_new(Shape(**GOOD), allowed=NOTHING, count=19)
    with pytest.raises(TooManyWebhooks):
        webhooks.examine_new(Shape(**GOOD), allowed=NOTHING, count=20)


@pytest.mark.parametrize(
    ("hours", "expected"), [(None, 24 * HOUR), (0, 0), (1, HOUR), (168, 168 * HOUR)]
)
def test_an_old_secret_stays_good_for_a_while(hours: Any, expected: int) -> None:
    assert webhooks.overlap(hours) == expected


@pytest.mark.parametrize(
    ("hours", "rule"),
    [(-1, Rule.AT_LEAST), (169, Rule.AT_MOST), ("1", Rule.INTEGER), (True, Rule.INTEGER)],
)
def test_no_overlap_is_longer_than_a_week(hours: Any, rule: Rule) -> None:
    with pytest.raises(Invalid) as caught:
        webhooks.overlap(hours)
    assert [fault.rule for fault in caught.value.faults] == [rule]


@pytest.mark.parametrize(
    ("sequence", "fault"),
    [
        (None, Fault("sequence", Rule.REQUIRED)),
        ("1", Fault("sequence", Rule.INTEGER)),
        (True, Fault("sequence", Rule.INTEGER)),
        (0, Fault("sequence", Rule.AT_LEAST, 1)),
        (2**53, Fault("sequence", Rule.AT_MOST, 2**53 - 1)),
    ],
)
def test_what_can_be_no_events_number(sequence: Any, fault: Fault) -> None:
    with pytest.raises(Invalid) as caught:
        webhooks.examine_sequence(sequence)
    assert caught.value.faults == (fault,)
    webhooks.examine_sequence(2**53 - 1)


@given(st.binary(min_size=32, max_size=32))
def test_a_secret_is_32_letters_and_digits(random: bytes) -> None:
    secret = webhooks.secret_from(random)
    assert len(secret) == 32
    assert set(secret) <= set(string.ascii_letters + string.digits)


def test_secrets_of_neighbours_are_not_alike() -> None:
    made = {webhooks.secret_from(number.to_bytes(32, "big")) for number in range(1_000)}
    assert len(made) == 1_000


@given(st.binary(), st.text(string.ascii_letters, min_size=1))
def test_mailersends_signature_is_the_hex_digest_of_the_body(body: bytes, secret: str) -> None:
    found = webhooks.headers("msg_a_1", body, secrets=[secret, "old"], now=5 * SECOND)
    assert found["signature"] == hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    assert found["webhook-id"] == "msg_a_1"
    assert found["webhook-timestamp"] == "5"
    assert [part[:3] for part in found["webhook-signature"].split(" ")] == ["v1,", "v1,"]


@given(st.integers(0, 0xFFFF), st.integers(0, 10**15))
def test_retries_come_later_and_later_and_end_after_days(chance: int, asked: int) -> None:
    waits = [webhooks.wait(n, chance=chance) for n in range(1, webhooks.MOST_ATTEMPTS)]
    planned = [wait for wait in waits if wait is not None]
    assert len(planned) == len(waits)
    assert planned == sorted(planned)
    assert 5 * SECOND <= planned[0] <= 6 * SECOND
    assert 3 * 24 * HOUR <= sum(planned) <= 4 * 24 * HOUR
    assert webhooks.wait(webhooks.MOST_ATTEMPTS, chance=chance) is None
    for number, plan in enumerate(planned, start=1):
        found = webhooks.wait(number, chance=chance, asked=asked)
        assert found is not None
        assert max(plan, min(asked, 24 * HOUR)) == found <= webhooks.LONGEST_WAIT
