"""An account's options are changed, and so is what its variables are."""

from dataclasses import replace

import pytest

from custom_components.iot_clouds.const import DOMAIN
from custom_components.iot_clouds.model import (
    Amount,
    Choice,
    CloudUnreachable,
    Kind,
    Point,
    Ref,
    Toggle,
)
from custom_components.iot_clouds.vendors import VENDORS
from homeassistant.config_entries import ConfigEntryState
from homeassistant.data_entry_flow import FlowResultType, InvalidData
from homeassistant.helpers import entity_registry as er
from homeassistant.util.unit_system import US_CUSTOMARY_SYSTEM

from .fake import board, reading

WATER = Point(
    key="variable/water",
    kind=Kind.MEASURE,
    name="Water",
    unit="m³",
    device_class="volume_storage",
    state_class="measurement",
)
ENERGY = Point(
    key="variable/energy",
    kind=Kind.MEASURE,
    name="Energy",
    unit="J",
    device_class="energy",
)
CLOCK = Point(
    key="variable/clock",
    kind=Kind.MEASURE,
    name="Clock",
    unit="s",
    timezone="Europe/Rome",
)
ALARM = replace(
    CLOCK, key="variable/alarm", kind=Kind.LEVEL, name="Alarm", writable=True
)


@pytest.fixture(autouse=True)
def _points(cloud):
    """A board with meters and clocks beside what every board here has."""
    points = {point.key: point for point in (WATER, ENERGY, CLOCK, ALARM)}
    plain = board()
    cloud.devices = {"board-1": replace(plain, points={**plain.points, **points})}
    for key, value in (
        ("water", 12.5),
        ("energy", 1250.5),
        ("clock", 1795176000),
    ):
        cloud.readings[Ref("board-1", f"variable/{key}")] = reading(value)


async def _open(hass, entry, step):
    menu = await hass.config_entries.options.async_init(entry.entry_id)
    assert menu["type"] is FlowResultType.MENU
    assert menu["menu_options"] == ["account", "devices", "variables"]
    return await _go(hass, menu, {"next_step_id": step})


async def _go(hass, flow, data):
    result = await hass.config_entries.options.async_configure(flow["flow_id"], data)
    await hass.async_block_till_done()
    return result


async def _adjust(hass, entry, entity_id, data):
    """Choose a variable and fill in its form."""
    form = await _open(hass, entry, "variables")
    form = await _go(hass, form, {"entity": entity_id})
    assert form["step_id"] == "variable"
    shown_as = form["data_schema"].schema["shown_as"].config["options"][0]
    return await _go(hass, form, {"shown_as": shown_as, **data})


async def _shown(hass, entry, entity_id):
    """What the form of a variable is filled with."""
    form = await _open(hass, entry, "variables")
    form = await _go(hass, form, {"entity": entity_id})
    hass.config_entries.options.async_abort(form["flow_id"])
    return {
        str(marker): marker.description["suggested_value"]
        for marker in form["data_schema"].schema
        if marker.description
    }, form


def _fields(form):
    return [str(marker) for marker in form["data_schema"].schema]


async def test_an_option_of_the_account_is_saved_and_the_account_loaded_again(
    hass, cloud, loaded
):
    form = await _open(hass, loaded, "account")
    assert _fields(form) == ["when_offline", "keep_stale"]
    assert form["data_schema"]({}) == {"when_offline": "usual", "keep_stale": False}

    done = await _go(hass, form, {"when_offline": "keep", "keep_stale": True})

    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert loaded.options == {"when_offline": "keep", "keep_stale": True}
    assert loaded.state is ConfigEntryState.LOADED
    assert cloud.closed == 1
    form = await _open(hass, loaded, "account")
    assert form["data_schema"]({}) == {"when_offline": "keep", "keep_stale": True}


async def test_options_that_do_not_change_leave_the_account_alone(hass, cloud, loaded):
    options = {"when_offline": "usual", "keep_stale": False}
    hass.config_entries.async_update_entry(loaded, options=options)
    form = await _open(hass, loaded, "account")
    await _go(hass, form, {"keep_stale": False})
    assert cloud.closed == 0


async def test_a_vendors_choices_are_offered_saved_and_handed_to_its_cloud(
    hass, cloud, entry, monkeypatch
):
    handed = []

    def connect(link, data):
        handed.append(dict(data))
        return cloud

    vendor = replace(
        VENDORS["fake"],
        choices=(
            Choice(key="pace", values=("1", "10")),
            Amount(key="budget", default=50, minimum=1, maximum=100),
            Toggle(key="chatty"),
        ),
        connect=connect,
    )
    monkeypatch.setitem(VENDORS, "fake", vendor)
    await hass.config_entries.async_setup(entry.entry_id)
    assert handed == [{"vendor": "fake", "username": "u", "password": "p4ssw0rd"}]

    form = await _open(hass, entry, "account")
    shown = {"when_offline": "usual", "pace": "1", "budget": 50, "chatty": False}
    assert form["data_schema"]({}) == shown
    for wrong in ({"pace": "5"}, {"budget": 101}):
        with pytest.raises(InvalidData):
            await _go(hass, form, {**shown, **wrong})
    chosen = {"when_offline": "usual", "pace": "10", "budget": 80, "chatty": True}
    await _go(hass, form, {**chosen, "budget": 80.0})

    assert entry.options == chosen
    assert handed[1] == {
        "vendor": "fake",
        "username": "u",
        "password": "p4ssw0rd",
        **chosen,
    }
    form = await _open(hass, entry, "account")
    assert form["data_schema"]({}) == chosen


async def test_what_the_user_named_in_this_account_can_be_chosen(hass, loaded):
    form = await _open(hass, loaded, "variables")
    [marker] = form["data_schema"].schema
    offered = form["data_schema"].schema[marker].config["include_entities"]
    assert {
        "sensor.shed_temp",
        "sensor.shed_water",
        "binary_sensor.shed_door",
        "switch.shed_pump",
        "sensor.shed_note",
    } <= set(offered)
    assert not {
        "binary_sensor.shed_connection",
        "device_tracker.shed",
    } & set(offered)
    with pytest.raises(InvalidData):
        await _go(hass, form, {"entity": "device_tracker.shed"})


async def test_an_entity_that_is_unknown_is_an_error_at_the_field(hass, loaded):
    form = await _open(hass, loaded, "variables")
    # The selector also takes the ids that entities have inside.
    form = await _go(hass, form, {"entity": "0123456789abcdef0123456789abcdef"})
    assert form["step_id"] == "variables"
    assert form["errors"] == {"entity": "no_variable"}

    inside = er.async_get(hass).async_get("sensor.shed_water").id
    form = await _go(hass, form, {"entity": inside})
    assert form["step_id"] == "variable"


async def test_variables_need_an_account_that_is_connected(hass, cloud, entry):
    cloud.error = CloudUnreachable("down")
    await hass.config_entries.async_setup(entry.entry_id)
    result = await _open(hass, entry, "variables")
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "not_loaded"


async def test_an_account_without_numbers_says_so(hass, cloud, entry):
    cloud.devices = {"board-1": board(points={})}
    await hass.config_entries.async_setup(entry.entry_id)
    result = await _open(hass, entry, "variables")
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "no_variables"


async def test_a_volume_becomes_a_water_meter_in_the_unit_it_counts_in(hass, loaded):
    done = await _adjust(
        hass,
        loaded,
        "sensor.shed_water",
        {"device_class": "water", "state_class": "total_increasing", "unit": "L"},
    )

    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert loaded.options == {
        "points": {
            "board-1_variable/water": {
                "device_class": "water",
                "state_class": "total_increasing",
                "unit": "L",
            }
        }
    }
    state = hass.states.get("sensor.shed_water")
    assert state.state == "12.5"
    assert state.attributes["device_class"] == "water"
    assert state.attributes["state_class"] == "total_increasing"
    assert state.attributes["unit_of_measurement"] == "L"


async def test_what_is_left_empty_is_as_the_cloud_says(hass, loaded):
    await _adjust(
        hass,
        loaded,
        "sensor.shed_energy",
        {"device_class": "energy", "state_class": "total_increasing"},
    )
    assert loaded.options["points"] == {
        "board-1_variable/energy": {"state_class": "total_increasing"}
    }
    state = hass.states.get("sensor.shed_energy")
    assert state.attributes["device_class"] == "energy"
    assert state.attributes["unit_of_measurement"] == "J"


async def test_the_form_shows_what_a_variable_is_now(hass, loaded):
    shown, form = await _shown(hass, loaded, "sensor.shed_water")
    assert shown == {
        "device_class": "volume_storage",
        "state_class": "measurement",
        "unit": "m³",
    }
    assert _fields(form) == ["shown_as", "device_class", "state_class", "unit"]
    assert form["description_placeholders"]["entity"] == "sensor.shed_water"

    await _adjust(
        hass,
        loaded,
        "sensor.shed_water",
        {"device_class": "none", "state_class": "none", "unit": "buckets"},
    )

    shown, _ = await _shown(hass, loaded, "sensor.shed_water")
    assert shown == {
        "device_class": "none",
        "state_class": "none",
        "unit": "buckets",
    }
    attributes = hass.states.get("sensor.shed_water").attributes
    assert "device_class" not in attributes
    assert "state_class" not in attributes
    assert attributes["unit_of_measurement"] == "buckets"


async def test_an_empty_form_goes_back_to_what_the_cloud_says(hass, loaded):
    await _adjust(
        hass,
        loaded,
        "sensor.shed_energy",
        {"unit": "kWh", "state_class": "total_increasing"},
    )
    assert hass.states.get("sensor.shed_energy").state == "1250.5"
    assert hass.states.get("sensor.shed_energy").attributes["unit_of_measurement"] == (
        "kWh"
    )

    await _adjust(hass, loaded, "sensor.shed_energy", {})

    assert loaded.options == {"points": {}}
    state = hass.states.get("sensor.shed_energy")
    assert state.state == "1250.5"
    assert state.attributes["unit_of_measurement"] == "J"
    assert "state_class" not in state.attributes


async def test_other_options_and_other_variables_keep_what_they_had(hass, loaded):
    await _go(hass, await _open(hass, loaded, "account"), {"keep_stale": True})
    await _adjust(hass, loaded, "sensor.shed_energy", {"unit": "kWh"})
    await _adjust(hass, loaded, "binary_sensor.shed_door", {"device_class": "door"})
    await _go(hass, await _open(hass, loaded, "account"), {"keep_stale": False})

    assert loaded.options == {
        "when_offline": "usual",
        "keep_stale": False,
        "points": {
            "board-1_variable/energy": {"unit": "kWh"},
            "board-1_variable/door": {"device_class": "door"},
        },
    }
    assert hass.states.get("binary_sensor.shed_door").attributes["device_class"] == (
        "door"
    )


@pytest.mark.parametrize(
    ("entered", "errors", "words"),
    [
        (
            {"device_class": "water", "unit": "L"},
            {"state_class": "state_class_not_allowed"},
            ("state_classes", "total, total_increasing"),
        ),
        (
            {"device_class": "gas", "state_class": "total", "unit": "gal"},
            {"unit": "unit_not_allowed"},
            ("units", "CCF, L, MCF, ft³, m³"),
        ),
        (
            {"device_class": "power_factor", "unit": "W"},
            {"unit": "unit_not_allowed"},
            ("units", "%, none"),
        ),
        (
            {"device_class": "none", "state_class": "measurement_angle"},
            {"unit": "unit_not_of_state_class"},
            ("units", ""),
        ),
    ],
)
async def test_what_home_assistant_would_refuse_is_an_error_at_the_field(
    hass, loaded, entered, errors, words
):
    form = await _adjust(hass, loaded, "sensor.shed_water", entered)

    assert form["type"] is FlowResultType.FORM
    assert form["errors"] == errors
    key, text = words
    assert form["description_placeholders"][key] == text
    assert {
        str(marker): marker.description["suggested_value"]
        for marker in form["data_schema"].schema
        if marker.description
    } == {"shown_as": "listed", **entered}
    assert loaded.options == {}

    entered = {"device_class": "water", "state_class": "total", "unit": "L"}
    done = await _go(hass, form, {"shown_as": "listed", **entered})
    assert done["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize(
    ("entity_id", "device_class"),
    [
        ("sensor.shed_water", "timestamp"),
        ("sensor.shed_water", "garage_door"),
        ("switch.shed_pump", "garage_door"),
        ("binary_sensor.shed_door", "outlet"),
    ],
)
async def test_a_class_that_the_platform_does_not_know_is_refused_at_the_field(
    hass, loaded, entity_id, device_class
):
    with pytest.raises(InvalidData) as refused:
        await _adjust(hass, loaded, entity_id, {"device_class": device_class})
    assert list(refused.value.schema_errors) == ["device_class"]


async def test_a_switch_may_be_an_outlet_and_has_no_unit(hass, loaded):
    shown, form = await _shown(hass, loaded, "switch.shed_pump")
    assert _fields(form) == ["shown_as", "device_class"]
    assert shown == {"device_class": "switch"}
    await _adjust(hass, loaded, "switch.shed_pump", {"device_class": "outlet"})
    assert hass.states.get("switch.shed_pump").attributes["device_class"] == "outlet"


async def test_a_unit_typed_with_the_micro_sign_is_taken_as_home_assistant_writes_it(
    hass, loaded
):
    await _adjust(
        hass,
        loaded,
        "sensor.shed_water",
        {"device_class": "pm25", "unit": " \N{MICRO SIGN}g/m³ "},
    )
    assert loaded.options["points"]["board-1_variable/water"]["unit"] == (
        "\N{GREEK SMALL LETTER MU}g/m³"
    )


async def test_a_corrected_unit_keeps_the_entity_and_the_unit_a_user_chose(
    hass, loaded
):
    entities = er.async_get(hass)
    before = entities.async_get("sensor.shed_energy")
    entities.async_update_entity_options(
        "sensor.shed_energy", "sensor", {"unit_of_measurement": "Wh"}
    )

    await _adjust(hass, loaded, "sensor.shed_energy", {"unit": "kWh"})

    after = entities.async_get("sensor.shed_energy")
    assert (after.id, after.unique_id) == (before.id, before.unique_id)
    state = hass.states.get("sensor.shed_energy")
    assert (float(state.state), state.attributes["unit_of_measurement"]) == (
        1250500.0,
        "Wh",
    )


async def test_a_corrected_unit_is_shown_in_a_house_with_other_units(
    hass, cloud, entry
):
    hass.config.units = US_CUSTOMARY_SYSTEM
    await hass.config_entries.async_setup(entry.entry_id)
    assert hass.states.get("sensor.shed_water").attributes["unit_of_measurement"] == (
        "ft³"
    )

    await _adjust(hass, entry, "sensor.shed_water", {"unit": "L"})

    state = hass.states.get("sensor.shed_water")
    assert (state.state, state.attributes["unit_of_measurement"]) == ("12.5", "L")


async def test_seconds_of_a_boards_clock_may_be_shown_as_a_moment(hass, loaded):
    shown, form = await _shown(hass, loaded, "sensor.shed_clock")
    assert _fields(form) == [
        "shown_as",
        "device_class",
        "state_class",
        "unit",
        "as_moment",
    ]
    assert shown == {"unit": "s", "as_moment": False}

    form = await _adjust(
        hass, loaded, "sensor.shed_clock", {"as_moment": True, "unit": "min"}
    )
    assert form["errors"] == {"unit": "not_of_a_moment"}
    done = await _go(hass, form, {"as_moment": True, "unit": "s"})
    assert done["type"] is FlowResultType.CREATE_ENTRY

    assert loaded.options["points"] == {"board-1_variable/clock": {"as_moment": True}}
    state = hass.states.get("sensor.shed_clock")
    # Noon on a clock in Rome.
    assert state.state == "2026-11-20T11:00:00+00:00"
    assert state.attributes["device_class"] == "timestamp"
    assert "unit_of_measurement" not in state.attributes
    shown, _ = await _shown(hass, loaded, "sensor.shed_clock")
    assert shown == {"unit": "s", "as_moment": True}


async def test_a_number_that_becomes_a_moment_leaves_no_number_behind(hass, loaded):
    entities = er.async_get(hass)
    number = entities.async_get_or_create(
        "number", DOMAIN, "board-1_variable/alarm", config_entry=loaded
    )
    _, form = await _shown(hass, loaded, number.entity_id)
    assert _fields(form) == ["shown_as", "device_class", "unit", "as_moment"]

    await _adjust(hass, loaded, number.entity_id, {"as_moment": True})

    assert entities.async_get(number.entity_id) is None
    [alarm] = [
        point
        for point in loaded.runtime_data.coordinator.data["board-1"].points.values()
        if point.name == "Alarm"
    ]
    assert alarm.kind is Kind.MOMENT


async def test_a_listing_with_holes_keeps_what_was_listed_and_adjusted(
    hass, cloud, loaded
):
    await _adjust(hass, loaded, "sensor.shed_energy", {"unit": "kWh"})
    cloud.devices = {}
    cloud.complete = False
    await loaded.runtime_data.coordinator.async_refresh()
    await hass.async_block_till_done()

    assert hass.states.get("sensor.shed_energy").attributes["unit_of_measurement"] == (
        "kWh"
    )
    shown, _ = await _shown(hass, loaded, "sensor.shed_energy")
    assert shown == {"device_class": "energy", "unit": "kWh"}


async def test_a_listing_that_says_the_same_changes_nothing_of_adjusted_devices(
    hass, loaded
):
    await _adjust(hass, loaded, "sensor.shed_energy", {"unit": "kWh"})
    coordinator = loaded.runtime_data.coordinator
    before = coordinator.data
    await coordinator.async_refresh()
    assert coordinator.data is before


async def test_a_class_that_a_switch_cannot_have_is_not_proposed_for_it(
    hass, cloud, entry
):
    gate = Point(key="variable/gate", kind=Kind.TOGGLE, name="Door", writable=True)
    cloud.devices = {"board-1": board(points={gate.key: gate})}
    cloud.readings = {Ref("board-1", gate.key): reading(True)}
    await hass.config_entries.async_setup(entry.entry_id)
    shown, form = await _shown(hass, entry, "switch.shed_door")
    assert _fields(form) == ["shown_as", "device_class"]
    assert shown == {}


@pytest.mark.parametrize("step", ["devices", "variables", "variable"])
async def test_an_account_that_is_lost_between_two_steps_ends_the_flow_in_words(
    hass, loaded, step
):
    form = await _open(hass, loaded, "variables" if step == "variable" else step)
    answers = {
        "devices": {"left_out": []},
        "variables": {"entity": "sensor.shed_energy"},
        "variable": {"shown_as": "flag"},
    }
    if step == "variable":
        form = await _go(hass, form, answers["variables"])
    assert form["step_id"] == step
    await hass.config_entries.async_unload(loaded.entry_id)

    result = await _go(hass, form, answers[step])

    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "not_loaded")
    assert loaded.options == {}
    # Once it is back, so is everything that can be chosen.
    await hass.config_entries.async_setup(loaded.entry_id)
    assert (await _open(hass, loaded, "devices"))["step_id"] == "devices"
