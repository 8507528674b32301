"""Hosts of the user's own network, to which secrets may travel unencrypted."""

from ipaddress import ip_address


def is_local(host: str) -> bool:
    """Whether a host is one of the user's own network."""
    try:
        return ip_address(host).is_private
    except ValueError:
        return "." not in host or host.endswith((".local", ".lan", ".home.arpa"))
