"""What holds a secret shows it neither in `repr` nor in `str`, wherever it is printed."""

from dataclasses import fields, is_dataclass
import importlib
import pkgutil
import re

from aiohttp import ClientSession
import pytest

import custom_components.iot_clouds
from custom_components.iot_clouds.cloud import Answer, Challenge, Form, Link, SignedIn
from custom_components.iot_clouds.model import Account
from custom_components.iot_clouds.vendors import VENDORS
from custom_components.iot_clouds.vendors.particle.transport import Transport
from homeassistant.util.ssl import get_default_context
import simulated_clouds

OPENS = re.compile("token|secret|password|api_key|credential|otp|mfa|webhook|auth")
PERSONAL = re.compile("user_id|iccid|serial|^mac$")
CANARY = "CANARY-719cc48b13aa7be9a89a433493966f64"

KNOWN = {
    "Answer.values",
    "Board.iccid",
    "Board.mac",
    "Board.serial",
    "Challenge.state",
    "Credentials.api_key",
    "Credentials.client_id",
    "Credentials.client_secret",
    "Door.id",
    "Door.secret",
    "SignedIn.data",
    "Token.user_id",
    "Token.value",
}
"""What must not be shown although it may be named otherwise one day."""


def _classes(package):
    """Every dataclass of a package, once."""
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if found.name.endswith("__main__"):
            continue
        module = importlib.import_module(found.name)
        for each in vars(module).values():
            if (
                isinstance(each, type)
                and is_dataclass(each)
                and each.__module__ == module.__name__
            ):
                yield each


OURS = sorted(
    _classes(custom_components.iot_clouds), key=lambda each: each.__qualname__
)
SIMULATED = sorted(_classes(simulated_clouds), key=lambda each: each.__qualname__)


def _called(cls, words):
    """Fields that sound like this, and may hold a text."""
    return {
        each.name
        for each in fields(cls)
        if words.search(each.name) and re.search("str|Json", str(each.type))
    }


def _shown(cls):
    """An instance of which every field holds a canary, as it is printed."""
    made = object.__new__(cls)
    for each in fields(cls):
        object.__setattr__(made, each.name, f"{CANARY}-{each.name}-")
    return {
        each.name
        for each in fields(cls)
        if f"{CANARY}-{each.name}-" in f"{made!r} {made}"
    }


@pytest.mark.parametrize("cls", OURS, ids=lambda cls: cls.__qualname__)
def test_no_field_that_sounds_secret_or_personal_is_shown(cls):
    assert _shown(cls) & (_called(cls, OPENS) | _called(cls, PERSONAL)) == set()


@pytest.mark.parametrize("cls", SIMULATED, ids=lambda cls: cls.__qualname__)
def test_nor_by_what_stands_for_a_cloud(cls):
    assert _shown(cls) & _called(cls, OPENS) == set()


def test_what_is_known_to_be_secret_is_not_shown():
    hidden = {
        f"{cls.__name__}.{each.name}"
        for cls in OURS
        for each in fields(cls)
        if each.name not in _shown(cls)
    }
    assert hidden >= KNOWN


def test_a_secret_that_is_shown_is_found():
    made = Account(id=CANARY, title="x")
    assert CANARY in repr(made)
    assert _shown(Account) == {"id", "title"}


@pytest.fixture
async def link():
    async with ClientSession() as session:
        yield Link(session=session, tls=get_default_context())


@pytest.mark.parametrize("name", VENDORS)
async def test_no_object_of_a_connected_account_shows_what_opens_it(link, name):
    keys = ("client_id", "client_secret", "access_token", "api_key")
    data = dict.fromkeys(keys, CANARY) | {"project_id": "0" * 24}
    cloud = VENDORS[name].connect(link, data)
    seen: set[int] = set()
    waiting = [cloud]
    while waiting:
        each = waiting.pop()
        if id(each) in seen or not type(each).__module__.startswith("custom_comp"):
            continue
        seen.add(id(each))
        assert CANARY not in f"{each!r} {each}"
        slots = [
            slot for cls in type(each).__mro__ for slot in getattr(cls, "__slots__", ())
        ]
        inside = [*getattr(each, "__dict__", {}), *slots]
        waiting += [getattr(each, key, None) for key in inside]
    assert len(seen) > 5


@pytest.mark.parametrize(
    "made",
    [
        Challenge(form=Form(key="otp", fields=()), state={"mfa_token": CANARY}),
        SignedIn(account=Account(id="1", title="x"), data={"api_key": CANARY}),
        Answer(
            challenge=Challenge(form=Form(key="otp", fields=()), state={}),
            values={"otp": CANARY},
        ),
    ],
    ids=lambda made: type(made).__name__,
)
def test_what_goes_through_the_forms_is_not_shown(made):
    assert CANARY not in f"{made!r} {made}"


async def test_words_of_the_cloud_are_shown_without_the_token(link):
    transport = Transport(link.session, "https://cloud.example", CANARY)
    assert transport.redact(f"The token {CANARY} is no good") == (
        "The token *** is no good"
    )
