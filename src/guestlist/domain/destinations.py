"""Where webhooks may be sent: public addresses, and what the deployment allows beside them."""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

# Beside what `ipaddress` knows, which differs from one version of Python to the next.
_SPECIAL = tuple(
    ip_network(network)
    for network in (
        "0.0.0.0/8",
        "100.64.0.0/10",
        "168.63.129.16/32",  # Azure answers its machines here
        "192.0.0.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "3fff::/20",
    )
)
LAST_PORT = 65_535
# Nothing else is in use as unicast: no mapped, compatible or translated IPv4, no local address.
_UNICAST = IPv6Network("2000::/3")


def is_public(address: Address) -> bool:
    """Whether it is a host of the internet at large, and none that only looks like one."""
    if isinstance(address, IPv6Address) and address not in _UNICAST:
        return False
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    return not any(address in network for network in _SPECIAL)


@dataclass(frozen=True, slots=True)
class Place:
    """A network, at one port or at any."""

    network: Network
    port: int | None = None

    def holds(self, address: Address, port: int) -> bool:
        return address in self.network and self.port in {None, port}


@dataclass(frozen=True, slots=True)
class Allowed:
    """What may be asked though it is not public, and by plain http."""

    places: tuple[Place, ...] = ()

    def holds(self, address: Address, port: int) -> bool:
        return any(place.holds(address, port) for place in self.places)

    def permits(self, address: Address, port: int, *, is_https: bool) -> bool:
        return self.holds(address, port) or (is_https and is_public(address))


def read(text: str) -> Allowed:
    """Reads places with commas between them, as 10.0.0.0/8,127.0.0.1:9000,[::1]:9000.

    Raises ValueError.
    """
    return Allowed(tuple(_place(part.strip()) for part in text.split(",") if part.strip()))


def _place(text: str) -> Place:
    host, port = text, ""
    if text.startswith("["):
        host, bracket, port = text[1:].partition("]")
        if not bracket or (port and port[0] != ":"):
            raise ValueError(text)
        port = port[1:]
    elif text.count(":") == 1:
        host, _, port = text.partition(":")
        if not port:
            raise ValueError(text)
    if port and not (port.isdecimal() and port.isascii() and 0 < int(port) <= LAST_PORT):
        raise ValueError(text)
    return Place(ip_network(host), int(port) if port else None)


def literal(host: str) -> Address | None:
    """The address that a URL's host is, without brackets; None for a name."""
    try:
        return ip_address(host)
    except ValueError:
        return None
