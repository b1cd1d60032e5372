"""Webhooks go to the internet at large and to what is allowed, and nowhere inside a network."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from guestlist.domain import destinations
from guestlist.domain.destinations import Address, Allowed

# Written down from the registries of special-purpose addresses, not from what is tested.
SPECIAL = [
    *map(
        ip_network,
        (
            *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16/32"),
            *("169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24"),
            *("192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24"),
            *("203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
            *("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"),
        ),
    )
]
UNICAST = ip_network("2000::/3")


def is_special(address: Address) -> bool:
    if isinstance(address, IPv6Address) and address not in UNICAST:
        return True
    return any(address in network for network in SPECIAL)


def inside(network: str) -> st.SearchStrategy[Address]:
    return st.ip_addresses(network=network)


near = st.sampled_from([str(network) for network in SPECIAL]).flatmap(inside)
embedded = st.ip_addresses(v=4).flatmap(
    lambda v4: st.sampled_from(
        [
            IPv6Address(f"::ffff:{v4}"),
            IPv6Address(f"::{v4}"),
            IPv6Address(f"64:ff9b::{v4}"),
            IPv6Address(f"64:ff9b:1::{v4}"),
            IPv6Address((0x2002 << 112) | (int(v4) << 80)),
        ]
    )
)


@given(st.one_of(st.ip_addresses(), inside("2000::/3"), near, embedded))
@example(IPv4Address("169.254.169.254"))
@example(IPv4Address("100.100.100.200"))
@example(IPv6Address("fd00:ec2::254"))
@example(IPv6Address("::1"))
@example(IPv6Address("fe80::1%eth0"))
@example(IPv6Address("fec0::1"))
@example(IPv6Address("ff0e::1"))
@example(IPv6Address("2600::1"))
def test_an_address_is_public_where_no_registry_says_otherwise(address: Address) -> None:
    assert destinations.is_public(address) == (not is_special(address))
    if destinations.is_public(address):
        assert address.is_global


@given(embedded)
def test_no_ipv4_address_is_reached_in_the_guise_of_another(address: Address) -> None:
    assert not destinations.is_public(address)


@pytest.mark.parametrize("text", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "93.184.216.34"])
def test_public_addresses_need_https(text: str) -> None:
    address, nothing = ip_address(text), Allowed()
    assert nothing.permits(address, 443, is_https=True)
    assert not nothing.permits(address, 80, is_https=False)


@pytest.mark.parametrize(
    ("text", "address", "port", "permitted"),
    [
        ("127.0.0.1:9000", "127.0.0.1", 9000, True),
        ("127.0.0.1:9000", "127.0.0.1", 9001, False),
        ("127.0.0.1:9000", "127.0.0.2", 9000, False),
        ("10.0.0.0/8", "10.1.2.3", 1, True),
        ("10.0.0.0/8:443", "10.1.2.3", 443, True),
        ("10.0.0.0/8:443", "10.1.2.3", 444, False),
        ("10.0.0.0/8, ::1", "::1", 80, True),
        ("[::1]:9000", "::1", 9000, True),
        ("[::1]:9000", "::1", 9001, False),
        ("[fd00::]", "fd00::", 5, True),
        ("127.0.0.0/8", "::ffff:127.0.0.1", 80, False),
        ("", "127.0.0.1", 80, False),
    ],
)
def test_what_is_allowed_is_reached_with_https_or_without(
    text: str, address: str, port: int, *, permitted: bool
) -> None:
    allowed = destinations.read(text)
    for is_https in (True, False):
        assert allowed.permits(ip_address(address), port, is_https=is_https) is permitted


@pytest.mark.parametrize(
    "text",
    [
        *("localhost", "10.0.0.1/8", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:٣"),
        *("[::1", "[::1]9", "[::1]:x", "127.0.0.1:-1", "10.0.0.0/8;10.1.0.0/16"),
    ],
)
def test_what_names_no_place_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        destinations.read(text)
