"""Arduino's published REST client for Python, signed in as its own example does."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

from iot_api_client.api.devices_v2_api import DevicesV2Api
from iot_api_client.api.properties_v2_api import PropertiesV2Api
from iot_api_client.api.property_types_v1_api import PropertyTypesV1Api
from iot_api_client.api.series_v2_api import SeriesV2Api
from iot_api_client.api.things_v2_api import ThingsV2Api
from iot_api_client.api_client import ApiClient
from iot_api_client.configuration import Configuration
from iot_api_client.exceptions import (
    ApiException,
    BadRequestException,
    NotFoundException,
    UnauthorizedException,
)
from iot_api_client.models.batch_query_raw_requests_media_v1 import (
    BatchQueryRawRequestsMediaV1,
)
from iot_api_client.models.property_value import PropertyValue
from oauthlib.oauth2 import BackendApplicationClient, OAuth2Error  # type: ignore[import-untyped]
import pytest
from requests_oauthlib import OAuth2Session  # type: ignore[import-untyped]

from simulated_clouds.arduino import CLIENT_ID, CLIENT_SECRET, SPACE_ID, ArduinoCloud
from simulated_clouds.boards.arduino import boards
from simulated_clouds.world import World

GREENHOUSE = "5b1f6a3e-7c24-4d0b-9e51-2f8c6d1a4e01"
TOKEN_PATH = "/iot/v1/clients/token"


@pytest.fixture
async def cloud(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ArduinoCloud]:
    # What oauthlib wants to hear before it speaks plain HTTP.
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    async with ArduinoCloud(World(boards()), rate_limit=100) as cloud:
        yield cloud


def token_of(cloud: ArduinoCloud, secret: str = CLIENT_SECRET, **more: Any) -> str:
    """Blocks; the steps of the client's own example."""
    session = OAuth2Session(client=BackendApplicationClient(client_id=CLIENT_ID))
    token = session.fetch_token(
        token_url=f"{cloud.url}{TOKEN_PATH}",
        client_id=CLIENT_ID,
        client_secret=secret,
        include_client_id=True,
        audience="https://api2.arduino.cc/iot",
        **more,
    )
    return str(token["access_token"])


async def use[T](
    cloud: ArduinoCloud, work: Callable[[ApiClient], T], token: str | None = None
) -> T:
    """Let the client work in a thread, signed in."""

    def run() -> T:
        configuration = Configuration(host=cloud.url)
        configuration.access_token = token or token_of(cloud)
        with ApiClient(configuration) as client:
            return work(client)

    return await asyncio.to_thread(run)


def property_id(cloud: ArduinoCloud, variable: str) -> str:
    item = cloud.store.find(cloud.world.named("Greenhouse"), variable)
    assert item is not None
    return item.id


async def test_it_lists_things_with_their_properties(cloud: ArduinoCloud) -> None:
    things = await use(
        cloud,
        lambda client: ThingsV2Api(client).things_v2_list(show_properties=True),
    )
    (greenhouse,) = [thing for thing in things if thing.name == "Greenhouse"]
    assert greenhouse.id == GREENHOUSE
    assert greenhouse.timezone == "Europe/Rome"
    assert greenhouse.device_name == "Greenhouse Nano"
    assert greenhouse.properties is not None
    values = {each.variable_name: each.last_value for each in greenhouse.properties}
    assert values["temperature"] == 21.5
    assert values["valve"] is True
    assert values["mode"] == "auto"


async def test_it_lists_devices_and_types(cloud: ArduinoCloud) -> None:
    devices = await use(cloud, lambda client: DevicesV2Api(client).devices_v2_list())
    status = {device.name: device.device_status for device in devices}
    assert status["Greenhouse Nano"] == "ONLINE"
    assert status["Mast LoRa"] == "UNKNOWN"
    types = await use(
        cloud,
        lambda client: PropertyTypesV1Api(client).property_types_v1_list_types(),
    )
    units = {each.type: each.units for each in types}
    assert units["TEMPERATURE_C"] == ["°C"]


async def test_it_writes_a_value_and_reads_it_back(cloud: ArduinoCloud) -> None:
    pump = property_id(cloud, "pump")

    def write(client: ApiClient) -> Any:
        properties = PropertiesV2Api(client)
        properties.properties_v2_publish(GREENHOUSE, pump, PropertyValue(value=True))
        return properties.properties_v2_show(GREENHOUSE, pump)

    shown = await use(cloud, write)
    assert shown.last_value is True
    assert cloud.world.named("Greenhouse").variables["pump"].value is True


async def test_it_queries_history(cloud: ArduinoCloud) -> None:
    request = BatchQueryRawRequestsMediaV1.from_dict(
        {
            "resp_version": 1,
            "requests": [
                {
                    "q": f"property.{property_id(cloud, 'temperature')}",
                    "sort": "DESC",
                    "series_limit": 3,
                }
            ],
        }
    )
    assert request is not None
    answer = await use(
        cloud,
        lambda client: SeriesV2Api(client).series_v2_batch_query_raw(request),
    )
    (series,) = answer.responses
    assert (series.count_values, series.values[0]) == (3, 21.5)


async def test_it_is_refused_without_a_valid_token(cloud: ArduinoCloud) -> None:
    with pytest.raises(UnauthorizedException) as caught:
        await use(
            cloud, lambda client: ThingsV2Api(client).things_v2_list(), token="old"
        )
    assert caught.value.status == 401


async def test_it_is_refused_a_command_for_a_sensor(cloud: ArduinoCloud) -> None:
    temperature = property_id(cloud, "temperature")
    with pytest.raises(BadRequestException):
        await use(
            cloud,
            lambda client: PropertiesV2Api(client).properties_v2_publish(
                GREENHOUSE, temperature, PropertyValue(value=3.5)
            ),
        )
    assert cloud.world.named("Greenhouse").variables["temperature"].value == 21.5


async def test_it_is_told_that_a_thing_is_missing(cloud: ArduinoCloud) -> None:
    missing = "99999999-9999-4999-8999-999999999999"
    with pytest.raises(NotFoundException):
        await use(cloud, lambda client: ThingsV2Api(client).things_v2_show(missing))


async def test_it_reads_the_rate_limits_text(cloud: ArduinoCloud) -> None:
    token = await asyncio.to_thread(token_of, cloud)
    cloud.faults.add("rate_limit", path="GET /iot/v2/things", count=1)
    with pytest.raises(ApiException) as caught:
        await use(
            cloud, lambda client: ThingsV2Api(client).things_v2_list(), token=token
        )
    assert caught.value.status == 429
    assert caught.value.body == "You have reached maximum request limit."


async def test_its_token_example_is_refused_with_a_wrong_secret(
    cloud: ArduinoCloud,
) -> None:
    with pytest.raises(OAuth2Error):
        await asyncio.to_thread(token_of, cloud, "guess")


async def test_its_token_example_works_for_a_shared_space(cloud: ArduinoCloud) -> None:
    token = await asyncio.to_thread(
        token_of, cloud, headers={"X-Organization": SPACE_ID}
    )
    things = await use(
        cloud,
        lambda client: ThingsV2Api(client).things_v2_list(x_organization=SPACE_ID),
        token=token,
    )
    assert things == []
