"""Which hosts are this machine."""

import pytest

from guestlist.domain.hosts import is_loopback


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.9.10", "::1"])
def test_what_never_leaves_the_machine_is_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    ["", "10.0.0.1", "acme.test", "localhost.acme.test", "127.0.0.1.nip.io"],
)
def test_any_other_host_is_none(host: str) -> None:
    assert not is_loopback(host)
