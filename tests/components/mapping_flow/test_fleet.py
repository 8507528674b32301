"""Entities of the user's own are copied, and travel as YAML."""

import pytest

from custom_components.iot_clouds.model import Call
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
from tests.components.fake import board, values

from . import FROM_DOOR, FROM_NOTHING, OTHER, SAVE, choices, step, suggested

BELL = """\
name: Bell
device: Shed
platform: button
commands:
  press:
    call:
      function: open
"""


@pytest.fixture
async def fleet(hass, cloud, loaded):
    """Three boards built alike, and one that is not."""
    cloud.devices = {
        "board-1": board(),
        "board-2": board(id="board-2", name="Barn", mac=None),
        "board-3": board(id="board-3", name="Attic", mac=None),
        "board-4": board(id="board-4", name="Other", mac=None, points={}),
    }
    cloud.readings = {**values(), **values("board-2"), **values("board-3")}
    await loaded.runtime_data.coordinator.async_refresh()
    await hass.async_block_till_done()


@pytest.fixture
def wet(start):
    """Make an entity of the shed's door."""

    async def wet():
        return await start(
            FROM_DOOR, OTHER, step("binary_sensor"), {"name": "Wet"}, SAVE
        )

    return wet


def _titles(loaded):
    return sorted(
        (each.title, each.data["device"]) for each in loaded.subentries.values()
    )


async def test_an_entity_is_copied_to_devices_alike(
    hass, loaded, fleet, begin, wet, go
):
    await wet()
    flow = await begin()
    assert flow["menu_options"] == ["device", "copy", "import", "export"]
    flow = await go(flow, step("copy"))
    ((id_, label),) = choices(flow, "mapping")
    assert label == "Wet (Shed)"
    flow = await go(flow, {"mapping": id_})
    assert (flow["type"], flow["step_id"]) == (FlowResultType.FORM, "targets")
    assert flow["description_placeholders"]["name"] == "Wet"
    assert choices(flow, "devices") == [("board-3", "Attic"), ("board-2", "Barn")]
    assert flow["data_schema"]({}) == {"devices": ["board-2", "board-3"]}
    flow = await go(flow, {"devices": []})
    assert flow["errors"] == {"devices": "none_chosen"}
    flow = await go(flow, {"devices": ["board-2", "board-3"]})
    assert (flow["type"], flow["reason"]) == (FlowResultType.ABORT, "copied")
    assert flow["description_placeholders"] == {"count": "2"}
    assert _titles(loaded) == [
        ("Wet", "board-1"),
        ("Wet", "board-2"),
        ("Wet", "board-3"),
    ]
    for entity_id in ("barn_wet", "attic_wet", "shed_wet"):
        assert hass.states.get(f"binary_sensor.{entity_id}").state == "off"


async def test_a_copy_takes_the_place_of_an_earlier_one(
    hass, loaded, fleet, begin, wet, go
):
    await wet()
    flow = await begin(step("copy"))
    ((id_, _),) = choices(flow, "mapping")
    await go(flow, {"mapping": id_}, {"devices": ["board-2"]})
    before = er.async_get(hass).async_get("binary_sensor.barn_wet")
    flow = await begin(step("copy"), {"mapping": id_}, {"devices": ["board-2"]})
    assert flow["reason"] == "copied"
    assert _titles(loaded) == [("Wet", "board-1"), ("Wet", "board-2")]
    assert er.async_get(hass).async_get("binary_sensor.barn_wet").id == before.id


async def test_an_entity_that_fits_no_other_device_is_not_copied(
    loaded, begin, wet, go
):
    await wet()
    flow = await begin(step("copy"))
    ((id_, _),) = choices(flow, "mapping")
    flow = await go(flow, {"mapping": id_})
    assert flow["errors"] == {"mapping": "none_alike"}
    assert suggested(flow) == {"mapping": id_}


async def test_an_entity_that_was_removed_meanwhile_is_not_copied(
    hass, loaded, fleet, begin, wet, go
):
    await wet()
    flow = await begin(step("copy"))
    ((id_, _),) = choices(flow, "mapping")
    hass.config_entries.async_remove_subentry(loaded, id_)
    await hass.async_block_till_done()
    assert (await go(flow, {"mapping": id_}))["reason"] == "gone"


async def test_a_sheet_makes_entities(hass, cloud, loaded, begin):
    flow = await begin(step("import"), {"sheet": BELL})
    assert (flow["type"], flow["reason"]) == (FlowResultType.ABORT, "imported")
    assert flow["description_placeholders"] == {"count": "1"}
    await hass.services.async_call(
        "button", "press", {"entity_id": "button.shed_bell"}, blocking=True
    )
    assert cloud.commands == [Call(device_id="board-1", function="open")]


async def test_a_sheet_changes_entities_that_there_are(hass, cloud, loaded, begin):
    await begin(step("import"), {"sheet": BELL})
    before = er.async_get(hass).async_get("button.shed_bell")
    (id_,) = loaded.subentries
    await begin(step("import"), {"sheet": BELL.replace("open", "close")})
    assert [*loaded.subentries] == [id_]
    assert er.async_get(hass).async_get("button.shed_bell").id == before.id
    await hass.services.async_call(
        "button", "press", {"entity_id": "button.shed_bell"}, blocking=True
    )
    assert cloud.commands == [Call(device_id="board-1", function="close")]


@pytest.mark.parametrize(
    "change", [("Bell", "Gong"), ("Shed", "Barn")], ids=["name", "device"]
)
async def test_what_has_another_name_or_device_is_another_entity(
    loaded, fleet, begin, change
):
    await begin(step("import"), {"sheet": BELL})
    await begin(step("import"), {"sheet": BELL.replace(*change)})
    assert len(loaded.subentries) == 2


@pytest.mark.parametrize(
    ("sheet", "error", "line", "field"),
    [
        ("a: [", "sheet_syntax", "1", ""),
        (BELL.replace("Shed", "Moon"), "sheet_device", "2", "device"),
        (BELL.replace("button", "kettle"), "sheet_unknown", "3", "platform"),
        (
            BELL.replace("open", "''"),
            "sheet_invalid",
            "7",
            "commands.press.call.function",
        ),
        (BELL.replace("name: Bell\n", ""), "sheet_missing", "1", "name"),
        (f"{BELL}      argument: '{{x}}'\n", "sheet_field", "5", "commands.press"),
        ("#" * 300_000, "sheet_too_large", "1", ""),
    ],
)
async def test_a_sheet_that_is_wrong_changes_nothing_and_can_be_corrected(
    loaded, begin, go, sheet, error, line, field
):
    good = BELL.replace("Bell", "Gong")
    flow = await begin(step("import"), {"sheet": sheet})
    assert (flow["step_id"], flow["errors"]) == ("import", {"sheet": error})
    assert flow["description_placeholders"] == {"line": line, "field": field}
    assert suggested(flow) == {"sheet": sheet}
    assert not loaded.subentries
    flow = await go(flow, {"sheet": good})
    assert flow["reason"] == "imported"


async def test_what_is_exported_can_be_imported_again(
    loaded, fleet, begin, start, wet, go
):
    await wet()
    await start(
        FROM_NOTHING,
        step("button"),
        {"name": "Bell", "way": "call"},
        {"way": "call", "function": "open"},
        SAVE,
    )
    before = {id_: dict(each.data) for id_, each in loaded.subentries.items()}
    flow = await begin(step("export"))
    sheet = suggested(flow)["sheet"]
    assert sheet.startswith("- name: Wet\n  device: Shed\n  platform: binary_sensor\n")
    flow = await go(flow, {"sheet": sheet})
    assert (flow["type"], flow["reason"]) == (FlowResultType.ABORT, "exported")
    flow = await begin(step("import"), {"sheet": sheet})
    assert flow["description_placeholders"] == {"count": "2"}
    after = {id_: dict(each.data) for id_, each in loaded.subentries.items()}
    assert after == before
