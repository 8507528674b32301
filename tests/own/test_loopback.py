"""What is on this machine is asked directly, whatever the environment says."""

import pytest
from requests.utils import get_environ_proxies


def test_no_proxy_is_asked_for_what_is_on_this_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")

    assert get_environ_proxies("http://127.0.0.1:8080/") == {}
