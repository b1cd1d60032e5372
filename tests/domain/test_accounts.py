"""What may be said of an account."""

from typing import Any

import pytest

from guestlist.domain import accounts
from guestlist.domain.refusals import Fault, Invalid, Rule

URLS = [
    "http://[::1]:8000/",
    "https://app.acme.test",
    "https://app.acme.test:8443/a?b=c#d",
    "http://localhost:3000/",
]
NO_URLS = [
    *("", "app.acme.test", "/app", "http://app.acme.test", "ftp://acme.test", "https://"),
    *("https://a b.test", "https://a.test/\n", "https://[::1", "https://a.test:port"),
    *("https://ana:secret@acme.test", "javascript:alert(1)", f"https://a.test/{'a' * 2_000}", 7),
]


@pytest.mark.parametrize("url", URLS)
def test_an_https_url_or_one_of_this_machine_is_one(url: str) -> None:
    accounts.examine({"url": url})


@pytest.mark.parametrize("url", NO_URLS)
def test_any_other_is_none(url: Any) -> None:
    assert faults({"url": url}) == [Fault("url", Rule.URL)]


def faults(changes: dict[str, Any]) -> list[Fault]:
    with pytest.raises(Invalid) as refused:
        accounts.examine(changes)
    return list(refused.value.faults)


def test_every_fault_is_told() -> None:
    accounts.examine({})
    accounts.examine({"name": "Acme", "seats": None, "url": None, "password_days": 1})
    changes = {"name": " ", "seats": 0, "password_days": 3_651, "url": "no"}
    assert faults(changes) == [
        Fault("name", Rule.REQUIRED),
        Fault("seats", Rule.AT_LEAST, 1),
        Fault("password_days", Rule.AT_MOST, 3_650),
        Fault("url", Rule.URL),
    ]
    assert faults({"name": "a" * 256}) == [Fault("name", Rule.MAX_CHARACTERS, 255)]
    assert faults({"name": "a\0b"}) == [Fault("name", Rule.STRING)]
    assert faults({"name": None}) == [Fault("name", Rule.REQUIRED)]
    assert faults({"seats": 10**9 + 1}) == [Fault("seats", Rule.AT_MOST, 10**9)]
