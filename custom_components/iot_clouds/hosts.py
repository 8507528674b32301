"""Hosts of the user's own network, to which secrets may travel unencrypted."""

from ipaddress import ip_address
import re

_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.IGNORECASE)
"""What looks like a name, but resolvers take it for an address anywhere."""


def is_local(host: str) -> bool:
    """Whether a host is one of the user's own network."""
    try:
        return ip_address(host).is_private
    except ValueError:
        if _NUMBER.fullmatch(host):
            return False
        return "." not in host or host.endswith((".local", ".lan", ".home.arpa"))
