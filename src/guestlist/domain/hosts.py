"""Hosts, as addresses of the web and of mail servers name them."""

import ipaddress


def is_loopback(host: str) -> bool:
    """Whether what is sent there never leaves the machine; an IPv6 address has no brackets."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
