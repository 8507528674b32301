"""Addresses that secrets may travel to: unencrypted only in the user's own network."""

from ipaddress import ip_address
import re

from yarl import URL

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


def address_error(value: str) -> str | None:
    """What is wrong with an address that the user entered, as key of an error text."""
    try:
        url = URL(value)
        host = url.host
    except ValueError:
        return "invalid_url"
    if url.scheme not in {"http", "https", "ws", "wss"} or not host:
        return "invalid_url"
    if url.user is not None or url.password is not None:
        # Addresses are shown, and credentials have fields of their own.
        return "invalid_url"
    if url.scheme in {"http", "ws"} and not is_local(host):
        return "insecure_url"
    return None
