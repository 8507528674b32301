"""A server without a valid certificate is told nothing, whichever way it is spoken to."""

from datetime import timedelta
import ssl

from cryptography.x509 import DNSName
import pytest
from yarl import URL

from custom_components.iot_clouds.const import DOMAIN
from custom_components.iot_clouds.hosts import is_local
from homeassistant.config_entries import ConfigEntryState
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.util.ssl import get_default_context
from simulated_clouds.tls import self_signed
from tests.e2e.conftest import CLOUDS, STEPS, choose, form

WRONG = {
    "self-signed": lambda _: self_signed(),
    "another host's": lambda authority: authority.identity(
        names=[DNSName("cloud.example")]
    ),
    "expired": lambda authority: authority.identity(
        start=timedelta(days=-30), end=timedelta(days=-1)
    ),
    "not yet valid": lambda authority: authority.identity(start=timedelta(days=1)),
}


@pytest.fixture(autouse=True)
def _refused(hass):
    """The server in the same loop may say that a client has hung up; that is the point."""
    others = hass.loop.get_exception_handler()

    def handle(loop, context):
        if not isinstance(context.get("exception"), ssl.SSLError | ConnectionError):
            others(loop, context)

    hass.loop.set_exception_handler(handle)


@pytest.fixture(params=WRONG)
def wrong(request, authority):
    """A server whose certificate is no good for the clouds on loopback."""
    return WRONG[request.param](authority).context


@pytest.fixture
def start(house, authority):
    """Start a cloud that speaks TLS; returned are it, its port and what to type in."""

    async def start(name, context):
        cloud = house.clouds[name] = await CLOUDS[name](house.world).start()
        port = await cloud.listen(0, context)
        filled = form(cloud)
        plain = URL(filled["advanced"]["base_url"])
        filled["advanced"]["base_url"] = str(plain.with_scheme("https").with_port(port))
        if name == "arduino":
            filled["advanced"]["mqtt_url"] = f"wss://127.0.0.1:{port}/mqtt"
        return cloud, port, filled

    return start


async def _sign_in(house, name, filled, *steps):
    shown = await choose(house.hass, *(steps or STEPS[name]))
    done = await house.hass.config_entries.flow.async_configure(
        shown["flow_id"], filled
    )
    await house.hass.async_block_till_done()
    if done["type"] is FlowResultType.CREATE_ENTRY:
        house.entries[name] = done["result"]
    return done


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("name", CLOUDS)
async def test_an_account_is_added_where_the_certificate_is_good(
    house, authority, start, until, name
):
    cloud, _, filled = await start(name, authority.identity().context)
    done = await _sign_in(house, name, filled)
    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert done["result"].state is ConfigEntryState.LOADED
    await until(lambda: all(done["result"].runtime_data.feeds.live.values()))
    assert cloud.requests()


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("name", CLOUDS)
async def test_credentials_are_not_sent_where_it_is_not(house, start, wrong, name):
    cloud, _, filled = await start(name, wrong)
    done = await _sign_in(house, name, filled)
    assert done["type"] is FlowResultType.FORM
    assert done["errors"] == {"base": "cannot_connect"}
    assert cloud.log == []


@pytest.mark.usefixtures("trusted")
async def test_a_password_is_not_sent_where_it_is_not(house, start, wrong):
    cloud, port, _ = await start("particle", wrong)
    filled = {
        "username": cloud.options.username,
        "password": cloud.options.password,
        "advanced": {"base_url": f"https://127.0.0.1:{port}"},
    }
    done = await _sign_in(house, "particle", filled, "particle", "particle_password")
    assert done["errors"] == {"base": "cannot_connect"}
    assert cloud.log == []


def _present(running: ssl.SSLContext, authority, make) -> None:
    """Let a running server show another certificate from now on."""
    made = make(authority)
    running.sni_callback = lambda connection, _name, _context: setattr(
        connection, "context", made.context
    )


async def _cut(cloud) -> None:
    """Close every connection, so that new ones have to be made."""
    for connection in list(cloud._runner.server.connections):
        if connection.transport:
            connection.transport.abort()


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("kind", WRONG)
@pytest.mark.parametrize("name", CLOUDS)
@pytest.mark.expects_errors("Error fetching")
async def test_a_running_account_says_nothing_more_once_it_turns_wrong(
    house, authority, start, until, name, kind
):
    context = authority.identity().context
    cloud, _, filled = await start(name, context)
    done = await _sign_in(house, name, filled)
    entry = done["result"]
    runtime = entry.runtime_data
    await until(lambda: all(runtime.feeds.live.values()))

    _present(context, authority, WRONG[kind])
    await _cut(cloud)
    await until(lambda: not any(runtime.feeds.live.values()))
    cloud.log.clear()
    await runtime.coordinator.async_refresh()
    await runtime.feeds.async_retry(1)
    assert not runtime.coordinator.last_update_success
    assert runtime.coordinator.last_exception.translation_key == "unreachable"
    assert not any(runtime.feeds.live.values())
    assert cloud.requests() == []
    assert [each for each in cloud.log if each.channel in {"mqtt", "sse"}] == []

    context.sni_callback = None
    await runtime.coordinator.async_refresh()
    assert runtime.coordinator.last_update_success
    await runtime.feeds.async_retry(5)
    await until(lambda: all(runtime.feeds.live.values()))


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("kind", WRONG)
async def test_the_broker_gets_no_token_where_only_its_certificate_is_wrong(
    house, authority, start, until, kind
):
    cloud, _, filled = await start("arduino", WRONG[kind](authority).context)
    filled["advanced"]["base_url"] = cloud.url
    done = await _sign_in(house, "arduino", filled)
    runtime = done["result"].runtime_data
    assert runtime.coordinator.last_update_success
    await until(lambda: runtime.feeds.failures)
    assert runtime.feeds.failures == {"values": "CloudUnreachable"}
    assert not any(runtime.feeds.live.values())
    assert [each for each in cloud.log if each.channel == "mqtt"] == []
    assert cloud.requests("GET", "/mqtt") == []


@pytest.mark.usefixtures("trusted")
async def test_only_an_address_that_says_so_is_spoken_to_without_encryption(
    hass, house, authority, start, until
):
    _, port, filled = await start("arduino", authority.identity().context)
    entry = (await _sign_in(house, "arduino", filled))["result"]
    # Kept by somebody who took every address.
    data = {**entry.data, "mqtt_url": f"https://127.0.0.1:{port}/mqtt"}
    hass.config_entries.async_update_entry(entry, data=data)
    await hass.config_entries.async_reload(entry.entry_id)
    await until(lambda: all(entry.runtime_data.feeds.live.values()))


@pytest.mark.parametrize("scheme", ["https", "http", "ftp"])
async def test_the_address_of_the_broker_must_say_whether_it_is_encrypted(
    house, start, authority, scheme
):
    cloud, port, filled = await start("arduino", authority.identity().context)
    filled["advanced"]["base_url"] = cloud.url
    filled["advanced"]["mqtt_url"] = f"{scheme}://127.0.0.1:{port}/mqtt"
    done = await _sign_in(house, "arduino", filled)
    assert done["errors"] == {"base": "invalid_url"}
    assert cloud.log == []


@pytest.mark.parametrize(
    ("name", "key", "address"),
    [
        ("arduino", "base_url", "http://api2.arduino.cc"),
        ("arduino", "mqtt_url", "ws://wss.iot.arduino.cc:8443/mqtt"),
        ("arduino", "mqtt_url", "ws://2130706433:1/mqtt"),
        ("particle", "base_url", "http://api.particle.io"),
        ("iottly", "base_url", "http://api.cloud.iottly.com/v1.0/"),
        ("iottly", "base_url", "http://localhost.example/v1.0/"),
    ],
)
async def test_unencrypted_addresses_are_for_the_own_network(
    house, start, authority, name, key, address
):
    cloud, _, filled = await start(name, authority.identity().context)
    filled["advanced"] |= {"base_url": cloud.url, key: address}
    done = await _sign_in(house, name, filled)
    assert done["errors"] == {"base": "insecure_url"}
    assert cloud.log == []


@pytest.mark.parametrize("host", ["2130706433", "0", "0x7f000001", "0X7F000001", "0x"])
def test_a_number_is_no_name_in_the_own_network(host):
    assert not is_local(host)


async def test_home_assistants_own_settings_for_tls_are_those_that_verify(hass):
    context = get_default_context()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    session = async_get_clientsession(hass)
    used = session.connector._ssl
    assert used.verify_mode is ssl.CERT_REQUIRED
    assert used.check_hostname
    assert hass.config_entries.async_entries(DOMAIN) == []
