"""Each control writes what was asked, shows it, and keeps the old state on failure."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

import pytest
from pytest_homeassistant_custom_component.common import snapshot_platform

from custom_components.iot_clouds.model import (
    CloudRejected,
    CloudUnreachable,
    Light,
    Playback,
    Player,
    SetPoint,
    Update,
)
from homeassistant.const import Platform
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import entity_registry as er
from homeassistant.util.unit_system import US_CUSTOMARY_SYSTEM

from .controls import (
    ALARM,
    BULB,
    CLOCK,
    COUNT,
    DIMMER,
    LAMP,
    LEVEL,
    NAME,
    POINTS,
    SCREEN,
    SEEN,
    WATERING,
    panel,
    panel_values,
)
from .fake import Point, reading

ENTITIES = {
    LEVEL: "number.panel_level",
    COUNT: "number.panel_count",
    NAME: "text.panel_name",
    BULB: "light.panel_bulb",
    DIMMER: "light.panel_dimmer",
    LAMP: "light.panel_lamp",
    SCREEN: "media_player.panel_screen",
    ALARM: "datetime.panel_alarm",
    CLOCK: "datetime.panel_clock",
    SEEN: "sensor.panel_seen",
    WATERING: "binary_sensor.panel_watering",
}


@pytest.fixture
def cloud(cloud):
    """The fake cloud, with the panel."""
    cloud.devices = {"panel-1": panel()}
    cloud.readings = panel_values()
    return cloud


@pytest.fixture
def call(hass):
    """Call an action for one entity."""

    async def call(action: str, entity_id: str, **data) -> None:
        domain, service = action.split(".")
        await hass.services.async_call(
            domain, service, {"entity_id": entity_id, **data}, blocking=True
        )

    return call


async def _load(hass, entry) -> None:
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()


@pytest.mark.parametrize(
    "platform",
    [
        Platform.BINARY_SENSOR,
        Platform.DATETIME,
        Platform.LIGHT,
        Platform.MEDIA_PLAYER,
        Platform.NUMBER,
        Platform.SENSOR,
        Platform.TEXT,
    ],
)
async def test_controls_of_a_platform(hass, entry, cloud, snapshot, freezer, platform):
    freezer.move_to("2026-11-20T12:00:00+00:00")
    with patch("custom_components.iot_clouds.PLATFORMS", (platform,)):
        await _load(hass, entry)
        await snapshot_platform(hass, er.async_get(hass), snapshot, entry.entry_id)


# Action, entity, data; what is sent; what is shown.
VERBS = [
    ("number.set_value", LEVEL, {"value": 22.5}, 22.5, "22.5"),
    ("number.set_value", COUNT, {"value": 12}, 12, "12"),
    ("text.set_value", NAME, {"value": "cellar"}, "cellar", "cellar"),
    ("light.turn_on", BULB, {}, Light(on=True), "on"),
    ("light.turn_off", BULB, {}, Light(on=False), "off"),
    (
        "light.turn_on",
        DIMMER,
        {"brightness": 128},
        Light(on=True, brightness=50),
        "on",
    ),
    ("light.turn_off", DIMMER, {}, Light(on=False, brightness=75), "off"),
    (
        "light.turn_on",
        LAMP,
        {"brightness_pct": 20, "hs_color": (120, 100)},
        Light(on=True, brightness=20, hue=120, saturation=100),
        "on",
    ),
    (
        "light.turn_on",
        LAMP,
        {"rgb_color": (255, 0, 0)},
        Light(on=True, brightness=50, hue=0, saturation=100),
        "on",
    ),
    (
        "light.turn_off",
        LAMP,
        {},
        Light(on=False, brightness=50, hue=210.5, saturation=80),
        "off",
    ),
    (
        "datetime.set_value",
        ALARM,
        {"datetime": "2026-12-24 18:00:00+00:00"},
        datetime(2026, 12, 24, 18, tzinfo=UTC),
        "2026-12-24T18:00:00+00:00",
    ),
    (
        "datetime.set_value",
        CLOCK,
        {"datetime": "2026-12-24 18:00:00+00:00"},
        # 19:00 on the wall in Rome.
        1798138800,
        "2026-12-24T18:00:00+00:00",
    ),
    # In summer the wall is two hours ahead.
    (
        "datetime.set_value",
        CLOCK,
        {"datetime": "2026-07-01 10:00:00+00:00"},
        1782907200,
        "2026-07-01T10:00:00+00:00",
    ),
]

PLAYER_VERBS: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("turn_off", {}, {"on": False}, "off"),
    ("turn_on", {}, {}, "playing"),
    ("volume_set", {"volume_level": 0.34}, {"volume": 34}, "playing"),
    ("volume_up", {}, {"volume": 60}, "playing"),
    ("volume_down", {}, {"volume": 40}, "playing"),
    ("volume_mute", {"is_volume_muted": True}, {"muted": True}, "playing"),
    ("media_play", {}, {}, "playing"),
    ("media_pause", {}, {"playback": Playback.PAUSE}, "paused"),
    ("media_stop", {}, {"playback": Playback.STOP}, "on"),
    ("media_next_track", {}, {"playback": Playback.NEXT}, "playing"),
    ("media_previous_track", {}, {"playback": Playback.PREVIOUS}, "playing"),
    ("select_source", {"source": "tv"}, {"source": "tv"}, "playing"),
    (
        "play_media",
        {"media_content_type": "channel", "media_content_id": "12"},
        {"channel": 12},
        "playing",
    ),
]


def _player(**parts) -> Player:
    return Player(
        **{
            "on": True,
            "volume": 50,
            "muted": False,
            "playback": Playback.PLAY,
            "source": "hdmi1",
            "channel": 7,
            **parts,
        }
    )


ALL_VERBS = [
    *VERBS,
    *(
        (f"media_player.{verb}", SCREEN, data, _player(**parts), shown)
        for verb, data, parts, shown in PLAYER_VERBS
    ),
]


@pytest.mark.parametrize(("action", "ref", "data", "sent", "shown"), ALL_VERBS)
async def test_a_control_writes_once_and_shows_its_effect_at_once(
    hass, cloud, loaded, call, action, ref, data, sent, shown
):
    await call(action, ENTITIES[ref], **data)
    assert cloud.commands == [SetPoint(ref=ref, value=sent)]
    assert type(cloud.commands[0].value) is type(sent)
    assert hass.states.get(ENTITIES[ref]).state == shown


@pytest.mark.parametrize(("action", "ref", "data", "sent", "shown"), ALL_VERBS)
async def test_a_control_that_fails_says_so_and_shows_what_it_showed(
    hass, cloud, loaded, call, action, ref, data, sent, shown
):
    before = hass.states.get(ENTITIES[ref])
    cloud.error = CloudUnreachable("no route")
    with pytest.raises(HomeAssistantError) as caught:
        await call(action, ENTITIES[ref], **data)
    assert caught.value.translation_key == "unreachable"
    assert len(cloud.commands) == 1
    after = hass.states.get(ENTITIES[ref])
    assert (after.state, after.attributes) == (before.state, before.attributes)


async def test_a_refused_value_says_which_part_is_wrong(hass, cloud, loaded, call):
    cloud.error = CloudRejected("no", key="invalid_value", field="bri")
    with pytest.raises(ServiceValidationError) as caught:
        await call("light.turn_on", ENTITIES[DIMMER])
    assert caught.value.translation_key == "invalid_value"
    assert caught.value.translation_placeholders == {
        "field": "bri",
        "reason": "no",
    }


@pytest.mark.parametrize("ref", [ALARM, CLOCK])
@pytest.mark.parametrize(
    "moment", ["0001-01-01 00:00:00+10:00", "9999-12-31 23:59:59-10:00"]
)
async def test_a_moment_at_either_end_of_the_calendar_is_refused_in_words(
    hass, cloud, loaded, call, ref, moment
):
    with pytest.raises(ServiceValidationError) as caught:
        await call("datetime.set_value", ENTITIES[ref], datetime=moment)
    assert caught.value.translation_key == "bad_times"
    assert caught.value.translation_placeholders == {"field": "datetime"}
    assert cloud.commands == []


async def test_what_is_unknown_is_unknown_and_not_unavailable(hass, cloud, entry):
    cloud.readings = {ref: reading(None) for ref in ENTITIES}
    await _load(hass, entry)
    assert {ref: hass.states.get(name).state for ref, name in ENTITIES.items()} == (
        dict.fromkeys(ENTITIES, "unknown")
    )


async def test_values_of_another_kind_are_unknown(hass, cloud, entry):
    cloud.readings = {ref: reading(True) for ref in ENTITIES}
    await _load(hass, entry)
    assert {ref: hass.states.get(name).state for ref, name in ENTITIES.items()} == (
        dict.fromkeys(ENTITIES, "unknown")
    )


async def test_controls_are_unavailable_while_their_board_is_away(
    hass, cloud, loaded, until
):
    cloud.feed.queue.put_nowait(Update(online={"panel-1": False}))
    await until(
        lambda: all(
            hass.states.get(name).state == "unavailable" for name in ENTITIES.values()
        )
    )


@pytest.mark.parametrize(
    ("action", "ref", "sent"),
    [
        ("light.turn_on", BULB, Light(on=True)),
        ("light.turn_on", DIMMER, Light(on=True, brightness=100)),
        (
            "light.turn_on",
            LAMP,
            Light(on=True, brightness=100, hue=0, saturation=0),
        ),
        ("light.turn_off", DIMMER, Light(on=False, brightness=0)),
        ("media_player.turn_on", SCREEN, Player(on=True)),
        ("media_player.turn_off", SCREEN, Player(on=False)),
        ("media_player.volume_up", SCREEN, Player(on=True, volume=10)),
        ("media_player.volume_down", SCREEN, Player(on=True, volume=0)),
    ],
)
async def test_a_control_whose_state_is_unknown_can_be_used(
    hass, cloud, entry, call, action, ref, sent
):
    cloud.readings = {}
    await _load(hass, entry)
    await call(action, ENTITIES[ref])
    assert cloud.commands == [SetPoint(ref=ref, value=sent)]


# ---- light


@pytest.mark.parametrize("level", [0, None])
async def test_a_light_that_would_be_on_at_nothing_gets_its_full_brightness(
    hass, cloud, entry, call, level
):
    cloud.readings[DIMMER] = reading(Light(on=False, brightness=level))
    await _load(hass, entry)
    await call("light.turn_on", ENTITIES[DIMMER])
    assert cloud.commands[0].value == Light(on=True, brightness=100)
    assert hass.states.get(ENTITIES[DIMMER]).attributes["brightness"] == 255


async def test_a_light_that_is_off_comes_back_as_it_was(hass, cloud, loaded, call):
    await call("light.turn_off", ENTITIES[LAMP])
    await call("light.turn_on", ENTITIES[LAMP])
    assert cloud.commands[1].value == Light(
        on=True, brightness=50, hue=210.5, saturation=80
    )


async def test_brightness_zero_turns_a_light_off_and_keeps_its_level(
    hass, cloud, loaded, call
):
    await call("light.turn_on", ENTITIES[DIMMER], brightness=0)
    assert cloud.commands[0].value == Light(on=False, brightness=75)


@pytest.mark.parametrize(
    ("percent", "brightness"),
    [(0, 1), (0.1, 1), (1, 3), (20, 51), (50, 128), (75, 191), (99, 252), (100, 255)],
)
async def test_a_percentage_is_shown_as_brightness(
    hass, cloud, entry, percent, brightness
):
    cloud.readings[DIMMER] = reading(Light(on=True, brightness=percent))
    await _load(hass, entry)
    state = hass.states.get(ENTITIES[DIMMER])
    assert state.attributes["brightness"] == brightness
    assert state.attributes["color_mode"] == "brightness"


@pytest.mark.parametrize(
    ("brightness", "percent"),
    [(1, 0.4), (3, 1), (51, 20), (127, 49.8), (128, 50), (200, 78.4), (255, 100)],
)
async def test_a_brightness_is_sent_as_the_roundest_percentage(
    hass, cloud, loaded, call, brightness, percent
):
    await call("light.turn_on", ENTITIES[DIMMER], brightness=brightness)
    assert cloud.commands[0].value == Light(on=True, brightness=percent)


async def test_every_brightness_stays_what_it_was_set_to(hass, cloud, loaded, call):
    for brightness in range(1, 256):
        await call("light.turn_on", ENTITIES[DIMMER], brightness=brightness)
        shown = hass.states.get(ENTITIES[DIMMER]).attributes["brightness"]
        assert shown == brightness


async def test_each_light_offers_what_it_can(hass, loaded):
    modes = {
        ref: hass.states.get(ENTITIES[ref]).attributes["supported_color_modes"]
        for ref in (BULB, DIMMER, LAMP)
    }
    assert modes == {BULB: ["onoff"], DIMMER: ["brightness"], LAMP: ["hs"]}


async def test_a_brightness_that_is_not_known_yet_is_left_open(hass, cloud, entry):
    cloud.readings[DIMMER] = reading(Light(on=True))
    await _load(hass, entry)
    state = hass.states.get(ENTITIES[DIMMER])
    assert state.state == "on"
    assert state.attributes["color_mode"] == "brightness"
    assert state.attributes["brightness"] is None


async def test_a_colour_that_is_not_known_yet_is_left_open(hass, cloud, entry):
    cloud.readings[LAMP] = reading(Light(on=True, brightness=50, hue=10))
    await _load(hass, entry)
    state = hass.states.get(ENTITIES[LAMP])
    assert state.attributes["color_mode"] == "hs"
    assert state.attributes["hs_color"] is None


async def test_parts_changed_one_after_another_do_not_take_each_other_back(
    hass, cloud, loaded, call, until
):
    hold = asyncio.Event()
    sent = []

    async def slow(command):
        sent.append(command.value)
        await hold.wait()

    with patch.object(cloud, "execute", slow):
        first = hass.async_create_task(
            call("light.turn_on", ENTITIES[LAMP], brightness_pct=20)
        )
        second = hass.async_create_task(
            call("light.turn_on", ENTITIES[LAMP], hs_color=(120, 100))
        )
        third = hass.async_create_task(call("light.turn_off", ENTITIES[LAMP]))
        await until(lambda: len(sent) == 3)
        hold.set()
        await asyncio.gather(first, second, third)
    assert sent == [
        Light(on=True, brightness=20, hue=210.5, saturation=80),
        Light(on=True, brightness=20, hue=120, saturation=100),
        Light(on=False, brightness=20, hue=120, saturation=100),
    ]
    assert hass.states.get(ENTITIES[LAMP]).state == "off"


# ---- media player


@pytest.mark.parametrize(
    ("player", "state"),
    [
        (Player(on=False, playback=Playback.PLAY), "off"),
        (Player(on=True), "on"),
        (Player(on=True, playback=Playback.PLAY), "playing"),
        (Player(on=True, playback=Playback.FAST_FORWARD), "playing"),
        (Player(on=True, playback=Playback.REWIND), "playing"),
        (Player(on=True, playback=Playback.START_OVER), "playing"),
        (Player(on=True, playback=Playback.PAUSE), "paused"),
        (Player(on=True, playback=Playback.STOP), "on"),
    ],
)
async def test_a_player_is_in_the_state_of_its_last_command(
    hass, cloud, entry, player, state
):
    cloud.readings[SCREEN] = reading(player)
    await _load(hass, entry)
    assert hass.states.get(ENTITIES[SCREEN]).state == state


async def test_a_player_tells_its_volume_source_and_channel(hass, loaded):
    attributes = hass.states.get(ENTITIES[SCREEN]).attributes
    assert attributes["device_class"] == "tv"
    assert attributes["volume_level"] == 0.5
    assert attributes["is_volume_muted"] is False
    assert attributes["source"] == "hdmi1"
    assert attributes["source_list"] == ["hdmi1", "hdmi2", "tv"]
    assert attributes["media_content_type"] == "channel"
    assert attributes["media_content_id"] == "7"
    assert attributes["media_channel"] == "7"


async def test_steps_of_volume_that_follow_each_other_add_up(
    hass, cloud, loaded, call, until
):
    hold = asyncio.Event()
    sent = []

    async def slow(command):
        sent.append(command.value.volume)
        await hold.wait()

    with patch.object(cloud, "execute", slow):
        steps = [
            hass.async_create_task(call("media_player.volume_up", ENTITIES[SCREEN]))
            for _ in range(6)
        ]
        await until(lambda: len(sent) == 6)
        hold.set()
        await asyncio.gather(*steps)
    assert sent == [60, 70, 80, 90, 100, 100]


async def test_a_source_that_the_player_does_not_have_is_refused(
    hass, cloud, loaded, call
):
    with pytest.raises(ServiceValidationError) as caught:
        await call("media_player.select_source", ENTITIES[SCREEN], source="vhs")
    assert caught.value.translation_key == "unknown_source"
    assert caught.value.translation_placeholders == {
        "source": "vhs",
        "sources": "hdmi1, hdmi2, tv",
    }
    assert cloud.commands == []


@pytest.mark.parametrize(
    ("kind", "media"),
    [("music", "12"), ("channel", "BBC"), ("channel", "-1"), ("channel", "9" * 10)],
)
async def test_only_the_number_of_a_channel_can_be_played(
    hass, cloud, loaded, call, kind, media
):
    with pytest.raises(ServiceValidationError) as caught:
        await call(
            "media_player.play_media",
            ENTITIES[SCREEN],
            media_content_type=kind,
            media_content_id=media,
        )
    assert caught.value.translation_key == "not_a_channel"
    assert cloud.commands == []


async def test_a_player_without_sources_offers_none(hass, cloud, entry):
    point = Point(key="variable/screen", kind="player", name="Screen", writable=True)
    cloud.devices = {"panel-1": panel(points={point.key: point})}
    await _load(hass, entry)
    attributes = hass.states.get(ENTITIES[SCREEN]).attributes
    assert "source_list" not in attributes
    assert attributes["supported_features"] & 2048 == 0


# ---- number


async def test_a_number_keeps_within_its_limits(hass, cloud, loaded, call):
    with pytest.raises(ServiceValidationError):
        await call("number.set_value", ENTITIES[LEVEL], value=31)
    assert cloud.commands == []
    attributes = hass.states.get(ENTITIES[LEVEL]).attributes
    assert (attributes["min"], attributes["max"]) == (5, 30)
    assert attributes["step"] == 0.5
    assert attributes["mode"] == "slider"
    assert hass.states.get(ENTITIES[COUNT]).attributes["mode"] == "box"


async def test_a_number_without_limits_goes_far(hass, cloud, entry):
    point = Point(key="variable/level", kind="level", name="Level", writable=True)
    cloud.devices = {"panel-1": panel(points={point.key: point})}
    await _load(hass, entry)
    attributes = hass.states.get(ENTITIES[LEVEL]).attributes
    assert (attributes["min"], attributes["max"]) == (-1e9, 1e9)
    assert attributes["step"] == 0.01


async def test_half_a_count_is_sent_as_it_is_for_the_cloud_to_judge(
    hass, cloud, loaded, call
):
    await call("number.set_value", ENTITIES[COUNT], value=2.5)
    assert cloud.commands[0].value == 2.5


async def test_a_number_in_another_unit_is_rounded_to_a_step(hass, cloud, entry, call):
    hass.config.units = US_CUSTOMARY_SYSTEM
    await _load(hass, entry)
    assert hass.states.get(ENTITIES[LEVEL]).state == "70.7"
    assert hass.states.get(ENTITIES[LEVEL]).attributes["unit_of_measurement"] == "°F"
    await call("number.set_value", ENTITIES[LEVEL], value=68.5)
    # 20.28 °C
    assert cloud.commands[0].value == 20.5


# ---- text


async def test_a_text_that_is_longer_than_a_state_is_cut(hass, cloud, entry):
    text = "x" * 300
    cloud.readings[NAME] = reading(text, attributes={"full_value": text})
    await _load(hass, entry)
    state = hass.states.get(ENTITIES[NAME])
    assert state.state == "x" * 255
    assert state.attributes["full_value"] == text
    assert state.attributes["max"] == 255


# ---- moments


async def test_a_wall_clock_in_a_place_that_nobody_knows_is_unknown(
    hass, cloud, entry, call
):
    point = Point(
        key="variable/clock",
        kind="moment",
        name="Clock",
        writable=True,
        timezone="../etc/passwd",
    )
    cloud.devices = {"panel-1": panel(points={point.key: point})}
    await _load(hass, entry)
    assert hass.states.get(ENTITIES[CLOCK]).state == "unknown"
    with pytest.raises(HomeAssistantError) as caught:
        await call(
            "datetime.set_value", ENTITIES[CLOCK], datetime="2026-12-24 18:00:00"
        )
    assert caught.value.translation_key == "unknown_time_zone"
    assert caught.value.translation_placeholders == {"timezone": "../etc/passwd"}
    assert cloud.commands == []


@pytest.mark.parametrize("seconds", [1e300, -1e15])
async def test_seconds_that_no_calendar_has_are_unknown(hass, cloud, entry, seconds):
    cloud.readings[CLOCK] = reading(seconds)
    await _load(hass, entry)
    assert hass.states.get(ENTITIES[CLOCK]).state == "unknown"


@pytest.mark.parametrize(
    ("device_class", "value", "shown"),
    [
        ("timestamp", 1795156200, "2026-11-20T05:30:00+00:00"),
        ("uptime", datetime(2026, 11, 20, 5, tzinfo=UTC), "2026-11-20T05:00:00+00:00"),
    ],
)
async def test_a_sensor_shows_moments(hass, cloud, entry, device_class, value, shown):
    point = Point(
        key="variable/seen",
        kind="measure",
        name="Seen",
        device_class=device_class,
        timezone="Europe/Rome",
    )
    cloud.devices = {"panel-1": panel(points={point.key: point})}
    cloud.readings[SEEN] = reading(value)
    await _load(hass, entry)
    state = hass.states.get(ENTITIES[SEEN])
    assert state.state == shown
    assert state.attributes["device_class"] == device_class


# ---- what an action writes


@pytest.mark.parametrize(
    ("ref", "value", "shown"),
    [
        (BULB, {"swi": True}, "off"),
        (BULB, "on", "off"),
        (LEVEL, "20", "21.5"),
        (LEVEL, True, "21.5"),
        (LEVEL, 20, "20"),
        (NAME, 5, "kitchen"),
        (ALARM, "2026-12-24T18:00:00Z", "2026-11-20T12:00:00+00:00"),
        (WATERING, {"frm": 1}, None),
    ],
)
async def test_set_value_shows_only_what_is_in_the_words_of_the_point(
    hass, cloud, loaded, call, ref, value, shown
):
    shown = shown or hass.states.get(ENTITIES[ref]).state
    await call("iot_clouds.set_value", ENTITIES[ref], value=value)
    assert cloud.commands == [SetPoint(ref=ref, value=value)]
    assert hass.states.get(ENTITIES[ref]).state == shown


async def test_a_listing_that_knows_better_corrects_what_was_assumed(
    hass, cloud, loaded, call
):
    await call("light.turn_on", ENTITIES[BULB])
    await loaded.runtime_data.coordinator.async_refresh()
    await hass.async_block_till_done()
    assert hass.states.get(ENTITIES[BULB]).state == "off"


# ---- points that change


def _with(ref, **changes):
    points = {point.key: point for point in POINTS}
    points[ref.key] = Point(
        **{"key": ref.key, "kind": points[ref.key].kind, "writable": True, **changes}
    )
    return panel(points=points)


async def test_a_variable_that_is_renamed_or_limited_is_followed(hass, cloud, loaded):
    cloud.devices = {
        "panel-1": _with(LEVEL, name="Set point", minimum=0, maximum=200, step=1)
    }
    await loaded.runtime_data.coordinator.async_refresh()
    await hass.async_block_till_done()
    state = hass.states.get(ENTITIES[LEVEL])
    assert state.name == "Panel Set point"
    assert (state.attributes["min"], state.attributes["max"]) == (0, 200)
    assert state.attributes["mode"] == "box"
    assert "device_class" not in state.attributes
    entity = er.async_get(hass).async_get(ENTITIES[LEVEL])
    assert entity.original_name == "Set point"
    assert entity.unique_id == "panel-1_variable/level"


async def test_a_variable_that_becomes_another_kind_gets_another_entity(
    hass, cloud, loaded
):
    cloud.devices = {"panel-1": _with(LEVEL, kind="measure", name="Level")}
    await loaded.runtime_data.coordinator.async_refresh()
    await hass.async_block_till_done()
    assert hass.states.get(ENTITIES[LEVEL]) is None
    assert hass.states.get("sensor.panel_level").state == "21.5"


async def test_a_variable_that_becomes_another_kind_of_sensor_is_shown_as_that(
    hass, cloud, loaded
):
    cloud.devices = {"panel-1": _with(SEEN, kind="text", name="Seen")}
    cloud.readings[SEEN] = reading("never", 60)
    await loaded.runtime_data.coordinator.async_refresh()
    await hass.async_block_till_done()
    assert hass.states.get(ENTITIES[SEEN]).state == "never"


async def test_what_a_variable_was_before_a_restart_leaves_no_entity_behind(
    hass, cloud, loaded
):
    await hass.config_entries.async_unload(loaded.entry_id)
    cloud.devices = {"panel-1": _with(LEVEL, kind="measure", name="Level")}
    await _load(hass, loaded)
    assert er.async_get(hass).async_get(ENTITIES[LEVEL]) is None
    assert hass.states.get("sensor.panel_level").state == "21.5"


async def test_a_part_of_a_value_is_named_after_the_whole(hass, cloud, entry):
    point = Point(
        key="variable/lamp/bri", kind="measure", label="brightness", of="Lamp", unit="%"
    )
    cloud.devices = {"panel-1": panel(points={point.key: point})}
    await _load(hass, entry)
    assert hass.states.get("sensor.panel_lamp_brightness").name == (
        "Panel Lamp brightness"
    )
