"""Every way to sign in, and everything that can be wrong with it: what the tests walk through."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from simulated_clouds.arduino import ArduinoCloud
from simulated_clouds.iottly import IottlyCloud
from simulated_clouds.iottly_project import Project
from simulated_clouds.particle import ParticleCloud
from simulated_clouds.server import SimulatedCloud

from .conftest import form

type Entered = dict[str, Any]

ELSEWHERE = "http://127.0.0.1:9"
"""An address of this computer where nothing listens."""
CODE = "123456"


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way to sign in: its cloud, its menus, and what a person types in.

    `breaks` names a function of the vendor that stands for a mistake of ours when it
    raises. `code` is what the cloud asks for after the credentials.
    """

    cloud: type[SimulatedCloud]
    steps: tuple[str, ...]
    entered: Callable[[Any], Entered]
    breaks: str
    options: Mapping[str, Any] = field(default_factory=dict)
    code: str | None = None
    others: Mapping[str, Any] = field(default_factory=dict)
    """Options of a second cloud, where one has only a single account."""


def _password(cloud: ParticleCloud) -> Entered:
    info = cloud.info()
    return {
        "username": info["username"],
        "password": info["password"],
        "advanced": {
            "base_url": info["url"],
            "client_id": info["client_id"],
            "client_secret": info["client_secret"],
        },
    }


def _product(cloud: ParticleCloud) -> Entered:
    return {**form(cloud), "access_token": cloud.api_user_token, "product": "13961"}


def _organization(cloud: ParticleCloud) -> Entered:
    token = cloud.org_user_token
    return {**form(cloud), "access_token": token, "organization": "maker-works"}


def _space(cloud: ArduinoCloud) -> Entered:
    return {**form(cloud), "organization_id": cloud.info()["organization_id"]}


_VENDORS = "custom_components.iot_clouds.vendors"
_TOKEN = Way(
    cloud=ParticleCloud,
    steps=("particle", "particle_token"),
    entered=form,
    breaks=f"{_VENDORS}.particle.sign_in.identify",
)
_SECRET = replace(_TOKEN, steps=("particle", "particle_password"), entered=_password)
_KEY = Way(
    cloud=ArduinoCloud,
    steps=("arduino",),
    entered=form,
    breaks=f"{_VENDORS}.arduino._cloud",
    options={"rate_limit": 100},
)

WAYS = {
    "arduino": _KEY,
    "space": replace(_KEY, entered=_space),
    "password": _SECRET,
    "code": replace(_SECRET, options={"otp": CODE}, code=CODE),
    "token": _TOKEN,
    "product": replace(_TOKEN, entered=_product),
    "organization": replace(_TOKEN, entered=_organization),
    "iottly": Way(
        cloud=IottlyCloud,
        steps=("iottly",),
        entered=form,
        breaks=f"{_VENDORS}.iottly.sign_in.make_cloud",
        others={"project": Project(id="6" * 24)},
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What is wrong with one attempt: in the form, at the cloud, or with us.

    `fault` is what the simulated cloud does. The cloud is `late` when it does not wait
    for a code any more. `errors` is what the form then says.
    """

    way: str
    errors: dict[str, str]
    wrong: Entered = field(default_factory=dict)
    fault: Mapping[str, Any] | None = None
    broken: bool = False
    late: bool = False

    def __str__(self) -> str:
        """What tells it from other cases."""
        [(place, key)] = self.errors.items()
        of = self.fault["kind"] if self.fault else ",".join(map(str, self.wrong))
        return f"{self.way}-{key}-{place}-{of}"


def _everywhere(way: str, address: str = "base_url") -> list[Case]:
    """What can be wrong with every form of credentials."""
    busy = {"kind": "rate_limit", "retry_after": 0.0}
    return [
        Case(way=way, errors={"base": "busy"}, fault=busy),
        Case(way=way, errors={"base": "cannot_connect"}, fault={"kind": "drop"}),
        Case(
            way=way, errors={"base": "cannot_connect"}, fault={"kind": "server_error"}
        ),
        Case(way=way, errors={"base": "cannot_connect"}, fault={"kind": "garbage"}),
        Case(way=way, errors={"base": "cannot_connect"}, wrong={"base_url": ELSEWHERE}),
        Case(
            way=way,
            errors={"base": "insecure_url"},
            wrong={address: "http://cloud.example"},
        ),
        Case(way=way, errors={"base": "invalid_url"}, wrong={address: "my cloud"}),
        Case(way=way, errors={"base": "unknown"}, broken=True),
    ]


def _refused(way: str, place: str, key: str, **wrong: Any) -> Case:
    return Case(way=way, errors={place: key}, wrong=wrong)


_NO_SPACE = "00000000-0000-4000-8000-000000000000"
_FORBIDDEN = {"kind": "server_error", "status": 403, "path": "things"}

CASES = [
    *_everywhere("arduino"),
    _refused("arduino", "base", "invalid_url", mqtt_url="ftp://127.0.0.1"),
    _refused("arduino", "base", "insecure_url", mqtt_url="ws://cloud.example/mqtt"),
    _refused("arduino", "base", "invalid_auth", client_id="somebody"),
    _refused("arduino", "base", "invalid_auth", client_secret="wrong"),
    Case(way="arduino", errors={"base": "rejected"}, fault=_FORBIDDEN),
    _refused("space", "organization_id", "invalid_space", organization_id="my space"),
    _refused("space", "base", "invalid_auth", organization_id=_NO_SPACE),
    Case(way="space", errors={"organization_id": "invalid_space"}, fault=_FORBIDDEN),
    *_everywhere("password"),
    _refused("password", "base", "invalid_auth", username="nobody@example.com"),
    _refused("password", "base", "invalid_auth", password="wrong"),
    _refused("password", "base", "invalid_client", client_id="somebody"),
    _refused("password", "base", "invalid_client", client_secret="wrong"),
    Case(
        way="password",
        errors={"base": "rejected"},
        fault={"kind": "server_error", "status": 400, "path": "/v1/user"},
    ),
    *[
        case
        for case in _everywhere("code")
        if not case.wrong and case.errors["base"] != "unknown"
    ],
    _refused("code", "otp", "invalid_otp", otp="000000"),
    _refused("code", "otp", "invalid_otp", otp=" "),
    Case(way="code", errors={"base": "unknown"}, broken=True),
    Case(way="code", errors={"base": "sign_in_again"}, late=True),
    *_everywhere("token"),
    _refused("token", "base", "invalid_auth", access_token="0" * 40),
    _refused("token", "base", "invalid_auth", access_token="two words"),
    _refused("token", "organization", "one_scope", product="1", organization="o"),
    _refused("product", "product", "invalid_product", product="999"),
    _refused("product", "product", "scope_needed", product=""),
    _refused(
        "organization", "organization", "invalid_organization", organization="others"
    ),
    *_everywhere("iottly"),
    _refused("iottly", "base", "invalid_auth", api_key="0" * 32),
    _refused("iottly", "api_key", "invalid_api_key", api_key="short"),
    _refused("iottly", "project_id", "invalid_project_id", project_id="home"),
    _refused("iottly", "project_id", "forbidden", project_id="5" * 24),
    Case(
        way="iottly",
        errors={"project_id": "invalid_project"},
        fault={"kind": "server_error", "status": 404, "path": "inspect"},
    ),
]


def changed(entered: Entered, wrong: Entered) -> Entered:
    """What was entered, with other values wherever their fields are; empty ones go."""
    advanced = entered.get("advanced", {})
    inner = {key: wrong.get(key, value) for key, value in advanced.items()}
    outer = {key: value for key, value in wrong.items() if key not in advanced}
    whole = {**entered, **outer, **({"advanced": inner} if advanced else {})}
    return {key: value for key, value in whole.items() if value != ""}


def _another_person(cloud: ParticleCloud) -> Entered:
    cloud.access.add_person("other@example.com", "her own", otp=cloud.options.otp)
    return {
        **_password(cloud),
        "username": "other@example.com",
        "password": "her own",
    }


def _another_persons_token(cloud: ParticleCloud) -> Entered:
    person = cloud.access.add_person("other@example.com", "her own")
    return {**form(cloud), "access_token": cloud.access.issue(person).value}


OTHERS: Mapping[str, Callable[[Any], Entered]] = {
    "arduino": _space,
    "space": form,
    "password": _another_person,
    "code": _another_person,
    "token": _another_persons_token,
    "product": _organization,
    "organization": _product,
    "iottly": form,
}
"""Credentials that are good, but of another account, by the way they are entered."""
