"""A household whose clouds may be anybody: with wrong certificates, or worse."""

from collections.abc import Callable, Iterator
from itertools import product
import ssl
from typing import Any

import pytest

from homeassistant.util import ssl as ssl_util
from simulated_clouds.tls import Authority
from tests.e2e.conftest import house, until  # noqa: F401

BEHIND = "custom_components.iot_clouds.vendors"


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here is about the pace of requests, so none has to wait for it."""
    monkeypatch.setattr(f"{BEHIND}.arduino.limiter.Limiter.turn", _no_wait)
    monkeypatch.setattr(f"{BEHIND}.particle.pace.Pace.turn", _no_wait)
    monkeypatch.setattr(f"{BEHIND}.arduino.boards.BOARDS_EVERY", 0)


async def _no_wait(*_: Any, **__: Any) -> None:
    pass


@pytest.fixture(scope="package")
def authority() -> Authority:
    """An authority that this Home Assistant may trust."""
    return Authority()


@pytest.fixture(scope="package")
def _bundle(authority: Authority, tmp_path_factory: Any) -> str:
    path = tmp_path_factory.mktemp("trusted") / "authorities.pem"
    path.write_text(authority.certificate)
    return str(path)


@pytest.fixture
def trusted(_bundle: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let Home Assistant trust the authority, in the way that it offers to users."""
    with monkeypatch.context() as patch:
        patch.setenv("REQUESTS_CA_BUNDLE", _bundle)
        _read_again(ssl_util._client_context)
        yield
    _read_again(ssl_util._client_context)


def _read_again(contexts: Callable[..., ssl.SSLContext]) -> None:
    """Make all contexts anew, as at the start: later it would block the loop."""
    contexts.cache_clear()  # type: ignore[attr-defined]
    kinds = product(ssl_util.SSLCipherList, ssl_util._SSL_ALPN_PROTOCOLS)
    for ciphers, protocols in kinds:
        contexts(ciphers, protocols)
