"""Fails a test in which a secret gets out: a plugin for every test.

Whatever opens an account is learned where it comes into being: what the simulated clouds
give out and boards keep, what the integration is told or hands over, and the addresses
of webhooks. From then on none of it may stand in

- a log record, at DEBUG or above, whether or not it would have been shown, of this
  integration, of the libraries that it uses and of Home Assistant;
- a state or its attributes;
- an error that an action raises.

Left out are what Home Assistant says of its web server, because there the address of a
webhook is a path like any other: the list of all requests, which it switches off itself,
and what it tells at INFO and below of requests and of deliveries to webhooks. Its event bus repeats at
DEBUG each state and each action with what the user gave it; states are looked at anyway.

A test that lets something out on purpose says so, and then it must:

    @pytest.mark.leaks
"""

from collections.abc import Callable, Iterator
from functools import wraps
import logging
import re
from typing import Any

import pytest

WATCHED = (
    "aiohttp",
    "aiomqtt",
    "custom_components.iot_clouds",
    "homeassistant",
    "mqtt",
    "paho",
)
LEFT_OUT = (
    "aiohttp.access",
    "homeassistant.components.http",
    "homeassistant.components.webhook",
    "homeassistant.core",
    "homeassistant.helpers.http",
)
SECRET = frozenset(
    {
        "access_token",
        "api_key",
        "api_user_token",
        "client_secret",
        "mobile_secret",
        "org_user_token",
        "otp",
        "password",
        "secret_key",
    }
)
"""Names under which simulated clouds and boards keep what opens something."""

SHORTEST = 12
"""Shorter ones may be words."""

MARKER = "leaks"

_is_enabled = logging.Logger.isEnabledFor
_handle = logging.Logger.handle


class Canary:
    """Knows the secrets of one test, and remembers where one was seen."""

    def __init__(self) -> None:
        """Know none."""
        self.seen: list[str] = []
        self._secrets: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def learn(self, secret: object) -> None:
        """Watch out for this, if it is a text that is no word."""
        if isinstance(secret, str) and len(secret) >= SHORTEST:
            if secret not in self._secrets:
                self._secrets.add(secret)
                self._pattern = None

    def learn_within(self, told: Any) -> None:
        """Watch out for what stands under the name of a secret in there."""
        if isinstance(told, dict):
            for key, value in told.items():
                if key in SECRET:
                    self.learn(value)
                self.learn_within(value)
        elif isinstance(told, list):
            for each in told:
                self.learn_within(each)

    def look(self, where: str, text: str) -> None:
        """Remember a secret that stands in a text, but not in full."""
        if not self._secrets:
            return
        if self._pattern is None:
            self._pattern = re.compile("|".join(map(re.escape, self._secrets)))
        if found := self._pattern.search(text):
            short = f"{found[0][:4]}… ({len(found[0])} characters)"
            self.seen.append(f"{where}: {short}")

    def look_at(self, record: logging.LogRecord) -> None:
        """Look at what a log record says, and at the error that comes with it."""
        if not self._secrets:
            return
        text = record.getMessage()
        if record.exc_info and record.exc_info[0]:
            text += logging.Formatter().formatException(record.exc_info)
        self.look(f"{record.levelname} [{record.name}]", text)


class Cage:
    """The canary of the test that runs now."""

    canary = Canary()


def watched(name: str) -> bool:
    """Whether what this logger says is looked at."""
    return name.startswith(WATCHED) and not name.startswith(LEFT_OUT)


def is_enabled_for(logger: logging.Logger, level: int) -> bool:
    """Have every record made that is looked at, shown or not."""
    return watched(logger.name) or _is_enabled(logger, level)


def handle(logger: logging.Logger, record: logging.LogRecord) -> None:
    """Look at a record, and hand it on if it would have been made."""
    if watched(logger.name):
        Cage.canary.look_at(record)
        if not _is_enabled(logger, record.levelno):
            return
    _handle(logger, record)


def _after(owner: Any, name: str, learn: Callable[..., None]) -> None:
    """Tell `learn` what a method was given and has returned."""
    method = getattr(owner, name)

    @wraps(method)
    def call(*args: Any, **kwargs: Any) -> Any:
        result = method(*args, **kwargs)
        learn(result, *args, **kwargs)
        return result

    setattr(owner, name, call)


def _watch_clouds() -> None:
    """Learn what simulated clouds give out and what their boards keep."""
    # pylint: disable=import-outside-toplevel
    from simulated_clouds.arduino_tokens import Tokens  # noqa: PLC0415
    from simulated_clouds.particle_access import Access  # noqa: PLC0415
    from simulated_clouds.particle_oauth import Challenges  # noqa: PLC0415
    from simulated_clouds.server import SimulatedCloud  # noqa: PLC0415

    start = SimulatedCloud.start

    @wraps(start)
    async def begin(self: SimulatedCloud, port: int = 0) -> SimulatedCloud:
        await start(self, port)
        Cage.canary.learn_within(self.info())
        for board in self.world.of(self.name):
            Cage.canary.learn_within(board.facts)
            Cage.canary.learn(getattr(board.facts.get("unit"), "mobile_secret", ""))
        return self

    SimulatedCloud.start = begin  # type: ignore[method-assign, assignment]
    _after(Tokens, "issue", lambda token, *_, **__: Cage.canary.learn(token))
    _after(Challenges, "ask", lambda token, *_: Cage.canary.learn(token))
    _after(Access, "_keep", lambda token, *_: Cage.canary.learn(token.value))
    _after(Access, "add_person", lambda person, *_, **__: _learn(person.password))


def _watch_integration() -> None:
    """Learn what the integration is told, whoever told it."""
    from custom_components.iot_clouds.vendors.arduino import access, client as arduino  # noqa: PLC0415
    from custom_components.iot_clouds.vendors.iottly import client as iottly  # noqa: PLC0415
    from custom_components.iot_clouds.vendors.particle import transport  # noqa: PLC0415
    from custom_components.iot_clouds.webhook import Door  # noqa: PLC0415

    _after(access.Token, "__init__", lambda _, self, **__: _learn(self.value))
    _after(
        arduino.Credentials,
        "__init__",
        lambda _, self, **__: _learn(self.client_secret),
    )
    _after(iottly.Credentials, "__init__", lambda _, self, **__: _learn(self.api_key))
    _after(
        transport.Transport, "__init__", lambda _, self, *__, **___: _learn(self._token)
    )
    _after(
        transport.Transport,
        "send",
        lambda *_, form=None, **__: Cage.canary.learn_within(form),
    )
    _after(Door, "__init__", lambda _, self, **__: _learn(self.id, self.secret))


def _learn(*secrets: object) -> None:
    for each in secrets:
        Cage.canary.learn(each)


def _watch_states() -> None:
    """Look at each state before it is set."""
    from homeassistant.core import StateMachine  # noqa: PLC0415

    def look(
        _: None, __: StateMachine, entity_id: str, *told: Any, **more: Any
    ) -> None:
        state = told[:2] or (more.get("new_state"), more.get("attributes"))
        Cage.canary.look(f"state of {entity_id}", str(state))

    _after(StateMachine, "async_set_internal", look)


def _watch_actions() -> None:
    """Look at each error that an action raises."""
    from homeassistant.core import ServiceRegistry  # noqa: PLC0415

    call = ServiceRegistry.async_call

    @wraps(call)
    async def look(self: ServiceRegistry, *args: Any, **kwargs: Any) -> Any:
        try:
            return await call(self, *args, **kwargs)
        except Exception as err:
            placeholders = getattr(err, "translation_placeholders", None)
            text = f"{err} {err!r} {placeholders} {err.__cause__!r}"
            Cage.canary.look(f"error of an action ({type(err).__name__})", text)
            raise

    ServiceRegistry.async_call = look  # type: ignore[method-assign]


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker."""
    config.addinivalue_line("markers", f"{MARKER}: a secret gets out, on purpose")


def pytest_sessionstart() -> None:
    """Look and listen from now on."""
    logging.Logger.isEnabledFor = is_enabled_for  # type: ignore[method-assign, assignment]
    logging.Logger.handle = handle  # type: ignore[method-assign, assignment]
    _watch_clouds()
    _watch_integration()
    _watch_states()
    _watch_actions()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Know nothing of the secrets of other tests."""
    Cage.canary = Canary()
    return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """Fail the test if a secret was seen, or was not where it had to be."""
    yield
    seen = sorted(set(Cage.canary.seen))
    on_purpose = item.get_closest_marker(MARKER) is not None
    if seen and not on_purpose:
        pytest.fail("\n".join(["a secret got out:", *seen]), pytrace=False)
    if on_purpose and not seen:
        pytest.fail("no secret got out, although one should", pytrace=False)
