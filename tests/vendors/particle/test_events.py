"""Events of the stream become readings, connectivity, events and wishes for a listing."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
import json
from typing import Any

import pytest

from custom_components.iot_clouds.model import Drop, Place, Reading, Ref, Tally, Update
from custom_components.iot_clouds.vendors.particle import directory as directories
from custom_components.iot_clouds.vendors.particle.directory import Directory
from custom_components.iot_clouds.vendors.particle.events import Interpreter
from custom_components.iot_clouds.vendors.particle.location import Trackers
from custom_components.iot_clouds.vendors.particle.models import Board
from custom_components.iot_clouds.vendors.particle.presence import Presence
from custom_components.iot_clouds.vendors.particle.shelf import Shelf
from custom_components.iot_clouds.vendors.particle.sse import Decoder, Frame

from .fake import ARGON, TRACKER, board, event, tracker

NOW = datetime(2026, 11, 20, 9, 0, 30, tzinfo=UTC)
AT = datetime(2026, 11, 20, 9, tzinfo=UTC)
VARIABLES = {"temp": "double", "on": "bool", "note": "string", "n": "int32"}

type Take = Callable[..., Update | None]


@pytest.fixture
def directory() -> Directory:
    known = Directory(presence=Presence(0, clock=lambda: 0.0))
    boards = [Board.parse(board(variables=VARIABLES)), Board.parse(tracker())]
    known.take_listing([each for each in boards if each], 0, complete=True)
    known.devices()
    return known


@pytest.fixture
def take(directory: Directory) -> Take:
    interpreter = Interpreter(directory, now=lambda: NOW)

    def take(name: str, data: Any, source: Any = ARGON, at: str = "") -> Update | None:
        (frame,) = Decoder().feed(event(name, data, source, at))
        return interpreter.take(frame)

    return take


def second(count: float) -> str:
    return (AT + timedelta(seconds=count)).isoformat().replace("+00:00", "Z")


def loc(lck: int = 1, *, time: float | None = None, **fields: Any) -> str:
    body: dict[str, Any] = {"cmd": "loc", "time": AT.timestamp(), "loc": {"lck": lck}}
    if time is not None:
        body["time"] = time
    if "req_id" in fields:
        body["req_id"] = fields.pop("req_id")
    body["loc"] |= fields
    return json.dumps(body)


def place_of(update: Update | None) -> Any:
    assert update
    reading = update.readings.get(Ref(TRACKER, "tracker/location"))
    return reading and reading.value


def test_an_event_named_like_a_variable_updates_it_and_is_an_event(take: Take) -> None:
    update = take("temp", "25.34")
    assert update
    assert update.readings == {Ref(ARGON, "variable/temp"): Reading(value=25.34, at=AT)}
    (happened,) = update.events
    assert (happened.device_id, happened.name, happened.data, happened.at) == (
        ARGON,
        "temp",
        "25.34",
        AT,
    )
    assert not update.relist
    assert not update.online


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("temp", "hot"),
        ("temp", None),
        ("note", None),
        ("on", "7"),
        ("Temp", "25"),
        ("other", "25"),
        ("note", "data:application/octet-stream;base64,AAAA"),
    ],
)
def test_an_event_that_fits_no_variable_is_only_an_event(
    take: Take, name: str, data: Any
) -> None:
    update = take(name, data)
    assert update
    assert update.readings == {}
    assert [happened.name for happened in update.events] == [name]


def test_null_data_and_data_that_is_no_string_are_kept(take: Take) -> None:
    for data in (None, 5, {"a": 1}):
        update = take("door", data)
        assert update
        assert update.events[0].data == data


def test_a_string_too_long_for_a_state_is_whole_in_the_attributes(take: Take) -> None:
    update = take("note", "x" * 300)
    assert update
    reading = update.readings[Ref(ARGON, "variable/note")]
    assert reading.value == "x" * 255
    assert reading.attributes == {"full_text": "x" * 300}


def test_a_second_delivery_is_dropped_and_a_second_event_is_not(take: Take) -> None:
    assert take("door", "open")
    assert take("door", "open") is None
    assert take("door", "shut")
    assert take("window", "open")
    assert take("door", "open", at=second(0.001))
    assert take("door", "open", TRACKER)


def test_data_that_are_nearly_the_same_are_not(take: Take) -> None:
    nearly = [1, True, 1.0, "1", None, "None", -1, -2, [1], {"1": 1}, {"1": True}]
    assert all(take("door", data) for data in nearly)
    assert not any(take("door", data) for data in nearly)


def test_the_same_event_has_the_same_id_in_another_session(
    directory: Directory,
) -> None:
    (frame,) = Decoder().feed(event("door", "open"))
    ids = set()
    for _ in range(2):
        update = Interpreter(directory, now=lambda: NOW).take(frame)
        assert update
        ids.add(update.events[0].id)
    assert len(ids) == 1


def test_only_so_many_events_are_remembered(directory: Directory) -> None:
    interpreter = Interpreter(directory, now=lambda: NOW)
    (first,) = Decoder().feed(event("door", "open"))
    assert interpreter.take(first)
    for count in range(1024):
        (frame,) = Decoder().feed(event("door", str(count)))
        assert interpreter.take(frame)
    assert interpreter.take(first)
    assert len(interpreter._seen) == 1024


def test_an_older_event_happened_but_moves_nothing(take: Take) -> None:
    assert take("temp", "2", at=second(2))
    older = take("temp", "1", at=second(1))
    assert older
    assert older.readings == {}
    assert len(older.events) == 1
    newer = take("temp", "3", at=second(3))
    assert newer
    assert len(newer.readings) == 1


def test_what_was_read_after_an_event_was_published_stays(directory: Directory) -> None:
    tally, shelf = Tally(), Shelf()
    ref = Ref(ARGON, "variable/temp")
    read = datetime.fromisoformat(second(2))
    shelf.take({ref: Reading(value=2.0, at=read)})
    interpreter = Interpreter(directory, shelf=shelf, tally=tally, now=lambda: NOW)

    (frame,) = Decoder().feed(event("temp", "1", at=second(1)))
    older = interpreter.take(frame)

    assert older
    assert older.readings == {}
    assert tally.drops == {Drop.OUTDATED: 1}
    assert shelf.get(ref) == Reading(value=2.0, at=read)


def test_disorder_of_one_name_does_not_touch_another(take: Take) -> None:
    take("temp", "2", at=second(2))
    other = take("n", "1", at=second(1))
    assert other
    assert len(other.readings) == 1


def test_without_a_sensible_time_an_event_is_from_now(directory: Directory) -> None:
    interpreter = Interpreter(directory, now=lambda: NOW)
    for count, stamp in enumerate((None, "soon", 5, "9999-01-01T00:00:00Z")):
        body = {"data": str(count), "published_at": stamp, "coreid": ARGON}
        update = interpreter.take(Frame("n", json.dumps(body)))
        assert update
        assert update.events[0].at == NOW
    again = interpreter.take(Frame("n", json.dumps({"data": "9", "coreid": ARGON})))
    assert again
    assert len(again.readings) == 1


@pytest.mark.parametrize("source", ["api", None])
def test_what_was_published_over_rest_comes_from_the_account(
    take: Take, source: Any
) -> None:
    update = take("temp", "25", source)
    assert update
    assert update.readings == {}
    assert update.events[0].device_id == "api"
    assert not update.relist


def test_of_a_binary_payload_only_the_size_is_shown(take: Take) -> None:
    update = take("photo", "data:image/jpeg;base64,QUJDRA==")
    assert update
    assert update.events[0].data == {"content_type": "image/jpeg", "size": 4}


@pytest.mark.parametrize("data", ["data: 5", "data:1,2;base64,AA", "dataset"])
def test_text_that_begins_like_a_data_url_is_text(take: Take, data: str) -> None:
    update = take("photo", data)
    assert update
    assert update.events[0].data == data


def test_half_a_surrogate_pair_never_leaves_the_stream(take: Take) -> None:
    update = take("note", "a\ud800")
    assert update
    assert update.events[0].data == "a\ufffd"
    assert update.readings[Ref(ARGON, "variable/note")].value == "a\ufffd"


def test_going_offline_and_online_is_connectivity_and_a_wish_for_a_listing(
    take: Take, directory: Directory
) -> None:
    assert take("spark/status", "offline") is None
    assert directory.online(ARGON) is True
    assert Interpreter(directory).late() == Update(online={ARGON: False})
    assert directory.online(ARGON) is False
    assert take("spark/status", "online", at=second(0.013)) == Update(
        online={ARGON: True}, relist=True
    )
    assert directory.online(ARGON) is True


def test_an_older_status_changes_nothing(take: Take, directory: Directory) -> None:
    take("spark/status", "online", at=second(5))
    assert take("spark/status", "offline", at=second(4)) is None
    assert directory.online(ARGON) is True


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("spark/status", "unheard-of"),
        ("spark/status", None),
        ("spark/flash/status", "success "),
        ("spark/device/last_reset", " "),
        ("spark/device/diagnostics/update", "none"),
        ("Spark/whatever", "1"),
        ("hook-sent/temp", None),
        ("hook-response/temp/0", "ok"),
        ("hook-error/temp/0", "bad"),
    ],
)
def test_system_traffic_is_no_event_of_the_user(
    take: Take, name: str, data: Any
) -> None:
    assert take(name, data) is None


def test_internal_sources_are_neither_users_nor_unknown_devices(take: Take) -> None:
    assert take("spark/safe-mode-updater/updating", "2", "particle-internal") is None
    assert take("anything", "2", "particle-internal") is None


def test_another_firmware_asks_for_a_listing(take: Take) -> None:
    assert take("spark/device/app-hash", "AB" * 32) == Update(relist=True)


def test_an_unknown_device_asks_once_for_a_listing(take: Take) -> None:
    first = take("hello", "1", "e00fce68000000000000ffff")
    assert first
    assert first.relist
    again = take("hello", "2", "e00fce68000000000000ffff")
    assert again
    assert not again.relist
    assert take("spark/status", "online", "e00fce68000000000000ffff") is None
    assert take("spark/status", "online", "e00fce68000000000000eeee") == Update(
        relist=True
    )


def test_a_flood_of_unknown_devices_is_bounded(take: Take) -> None:
    wishes = 0
    for count in range(2000):
        update = take("hello", "1", f"stranger-{count}")
        assert update
        wishes += update.relist
    assert wishes == 1024


def test_no_device_has_an_id_without_end(take: Take) -> None:
    update = take("hello", "1", "x" * 65)
    assert update
    assert not update.relist


def test_a_core_id_in_capitals_is_the_same_device(take: Take) -> None:
    update = take("temp", "1", ARGON.upper())
    assert update
    assert list(update.readings) == [Ref(ARGON, "variable/temp")]


@pytest.mark.parametrize(
    "frame",
    [
        Frame(None, '{"data":"1","name":"temp"}'),
        Frame("temp", "not json"),
        Frame("temp", "[1]"),
        Frame("temp", "[" * 100_000),
    ],
)
def test_a_block_that_is_no_event_is_dropped(
    directory: Directory, frame: Frame
) -> None:
    tally = Tally()
    assert Interpreter(directory, tally=tally).take(frame) is None
    # A block without a name is a sign of life.
    assert tally.drops == ({} if frame.name is None else {Drop.UNREADABLE: 1})


def test_what_moves_nothing_is_counted_by_its_reason(directory: Directory) -> None:
    tally = Tally()
    interpreter = Interpreter(
        directory,
        trackers=Trackers(50, tally=tally),
        tally=tally,
        now=lambda: NOW,
    )

    def take(name: str, data: Any, source: Any = ARGON, at: str = "") -> Update | None:
        (frame,) = Decoder().feed(event(name, data, source, at))
        return interpreter.take(frame)

    newest = take("temp", "2", at=second(2))
    assert newest
    assert newest.sent == AT + timedelta(seconds=2)
    take("temp", "2", at=second(2))
    take("temp", "1", at=second(1))
    take("temp", "warm", at=second(3))
    take("hello", "1", "e00fce68000000000000ffff")
    take("loc", loc(lat=45.0, lon=7.6, h_acc=51), TRACKER, at=second(4))
    take("loc", loc(lat=45.0, lon=7.6, h_acc=50), TRACKER, at=second(9))
    assert tally.drops == {
        Drop.REPEATED: 1,
        Drop.OUTDATED: 1,
        Drop.WRONG_TYPE: 1,
        Drop.UNKNOWN_DEVICE: 1,
        Drop.INACCURATE: 1,
    }


def test_a_ttl_as_string_or_number_makes_no_difference(directory: Directory) -> None:
    interpreter = Interpreter(directory, now=lambda: NOW)
    for number, ttl in enumerate((60, "60")):
        body = {"data": str(number), "ttl": ttl, "coreid": ARGON}
        update = interpreter.take(Frame("n", json.dumps(body)))
        assert update
        assert update.readings[Ref(ARGON, "variable/n")].value == number


def test_an_event_with_an_empty_name_is_an_event(take: Take) -> None:
    update = take("", "1")
    assert update
    assert update.events[0].name == ""


def test_the_clock_is_utc_now_by_default(directory: Directory) -> None:
    before = datetime.now(UTC)
    update = Interpreter(directory).take(Frame("n", json.dumps({"coreid": ARGON})))
    assert update
    assert before <= update.events[0].at <= datetime.now(UTC)


def test_types_without_end_do_not_fill_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    known = directories.Directory()
    types = {f"v{number}": f"{number} {'x' * 500}" for number in range(1000)}
    odd = Board.parse(board(variables=types))
    assert odd
    known.take_listing([odd], 0, complete=True)
    known.devices()
    said = [line for line in caplog.messages if "unknown type" in line]
    assert len(said) == 20
    assert max(map(len, said)) < 100


def test_an_unknown_type_is_shown_raw_and_reported_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    known = directories.Directory()
    odd = Board.parse(board(variables={"a": "matrix", "b": "matrix"}))
    assert odd
    for _ in range(2):
        known.take_listing([odd], 0, complete=True)
        known.devices()
    assert caplog.text.count("unknown type") == 1


# Trackers (reference 7)


def test_a_fix_moves_the_tracker_and_tells_how_it_is(take: Take) -> None:
    data = loc(lat=37.295945, lon=-121.98683, h_acc=10, cell=37.1, batt=98.8, temp=24.3)
    update = take("loc", data, TRACKER)
    assert update
    assert update.readings == {
        Ref(TRACKER, "tracker/location"): Reading(
            value=Place(latitude=37.295945, longitude=-121.98683, accuracy=10),
            at=AT,
            attributes={"sources": ["gnss"]},
        ),
        Ref(TRACKER, "tracker/last_fix"): Reading(value=AT, at=AT),
        Ref(TRACKER, "tracker/battery"): Reading(value=98.8, at=AT),
        Ref(TRACKER, "tracker/temperature"): Reading(value=24.3, at=AT),
        Ref(TRACKER, "tracker/signal"): Reading(value=37.1, at=AT),
    }
    assert len(update.events) == 1


def test_without_lock_the_tracker_stays_where_it_is(take: Take) -> None:
    update = take("loc", loc(0, cell=40, batt=50, temp=20), TRACKER)
    assert update
    assert set(update.readings) == {
        Ref(TRACKER, "tracker/battery"),
        Ref(TRACKER, "tracker/temperature"),
        Ref(TRACKER, "tracker/signal"),
    }


@pytest.mark.parametrize(
    "fields",
    [
        {"lat": 91, "lon": 0},
        {"lat": 0, "lon": 181},
        {"lat": "48", "lon": "16"},
        {"lat": True, "lon": 1},
        {"lat": 48},
        {"lat": {"err": -210}, "lon": {"err": -210}},
    ],
)
def test_an_impossible_position_moves_nothing(
    take: Take, fields: dict[str, Any]
) -> None:
    assert place_of(take("loc", loc(**fields), TRACKER)) is None


def test_accuracy_is_never_negative_and_zero_where_unknown(take: Take) -> None:
    assert place_of(take("loc", loc(lat=1, lon=2, h_acc=-5), TRACKER)).accuracy == 0
    update = take("loc", loc(lat=1, lon=3, h_acc={"err": 1}), TRACKER, second(1))
    assert place_of(update).accuracy == 0


def test_measures_that_are_error_objects_are_left_out(take: Take) -> None:
    update = take("loc", loc(0, batt={"err": -210}, temp=True, cell="x"), TRACKER)
    assert update
    assert update.readings == {}


@pytest.mark.parametrize("data", [None, "", "not json", "[]", "{}", '{"loc": 5}', 7])
def test_loc_without_a_report_is_only_an_event(take: Take, data: Any) -> None:
    update = take("loc", data, TRACKER)
    assert update
    assert update.readings == {}


def test_a_loc_of_a_board_that_is_no_tracker_is_only_an_event(take: Take) -> None:
    update = take("loc", loc(lat=1, lon=2))
    assert update
    assert update.readings == {}


def test_an_estimate_moves_a_tracker_that_has_no_lock(take: Take) -> None:
    take("loc", loc(0, req_id=1), TRACKER)
    estimate = loc(0, lat=1, lon=2, h_acc=800, src=["wifi"], req_id=1)
    update = take("loc-enhanced", estimate, TRACKER, second(1))
    assert place_of(update) == Place(latitude=1, longitude=2, accuracy=800)


def test_an_estimate_does_not_undo_the_satellite_fix_of_its_moment(take: Take) -> None:
    assert place_of(take("loc", loc(lat=1, lon=2, req_id=1), TRACKER))
    estimate = loc(1, lat=9, lon=9, src=["cell"], batt=40, req_id=1)
    update = take("loc-enhanced", estimate, TRACKER, second(1))
    assert place_of(update) is None
    assert update
    assert Ref(TRACKER, "tracker/battery") in update.readings


def test_the_request_alone_tells_the_moment_for_a_while(take: Take) -> None:
    now = AT.timestamp()
    assert place_of(take("loc", loc(lat=1, lon=2, req_id=1, time=now), TRACKER))
    soon = loc(0, lat=9, lon=9, src=["cell"], req_id=1, time=now + 2)
    assert place_of(take("loc-enhanced", soon, TRACKER, second(2))) is None
    later = loc(0, lat=9, lon=9, src=["cell"], req_id=1, time=now + 700)
    assert place_of(take("loc-enhanced", later, TRACKER, second(700)))


def test_a_satellite_fix_that_comes_after_its_estimate_still_counts(take: Take) -> None:
    estimate = loc(0, lat=9, lon=9, src=["cell"])
    assert place_of(take("loc-enhanced", estimate, TRACKER, second(1)))
    update = take("loc", loc(lat=1, lon=2), TRACKER, second(0))
    assert place_of(update) == Place(latitude=1, longitude=2)
    assert update
    assert update.readings[Ref(TRACKER, "tracker/location")].at == AT + timedelta(
        seconds=1
    )


def test_a_report_from_the_trackers_memory_is_as_old_as_it_says(take: Take) -> None:
    stored = loc(lat=1, lon=2, time=AT.timestamp() - 3600)
    update = take("loc", stored, TRACKER)
    assert update
    reading = update.readings[Ref(TRACKER, "tracker/location")]
    assert reading.at == AT - timedelta(hours=1)


def test_a_stored_report_does_not_hide_the_last_fix(take: Take) -> None:
    assert place_of(take("loc", loc(lat=1, lon=2), TRACKER))
    take("loc", loc(lat=5, lon=6, time=AT.timestamp() - 3600), TRACKER, second(1))
    estimate = loc(0, lat=9, lon=9, src=["cell"])
    assert place_of(take("loc-enhanced", estimate, TRACKER, second(2))) is None


@pytest.mark.parametrize("clock", [0, 9e18, -5, "noon", None])
def test_a_tracker_without_a_clock_is_believed_the_clouds_time(
    take: Take, clock: Any
) -> None:
    body = json.dumps({"cmd": "loc", "time": clock, "loc": {"lat": 1, "lon": 2}})
    update = take("loc", body, TRACKER)
    assert update
    assert update.readings[Ref(TRACKER, "tracker/location")].at == AT


def test_an_older_loc_never_moves_the_tracker_back(take: Take) -> None:
    assert place_of(take("loc", loc(lat=1, lon=2), TRACKER, second(5)))
    assert place_of(take("loc", loc(lat=8, lon=8), TRACKER, second(4))) is None


def test_a_report_may_be_structured_already(take: Take) -> None:
    update = take("loc", json.loads(loc(lat=1, lon=2)), TRACKER)
    assert place_of(update) == Place(latitude=1, longitude=2)


def test_of_two_events_with_fields_the_newer_counts(take: Take) -> None:
    assert take("weather", {"temp": 2}, at=second(2))
    older = take("weather", {"temp": 1}, at=second(1))
    assert older
    assert older.readings == {}
    assert len(older.events) == 1


def test_what_is_left_out_is_not_even_an_event(directory: Directory) -> None:
    tally = Tally()
    directory.left_out = frozenset({"0123456789abcdef01234567"})
    interpreter = Interpreter(directory, tally=tally, now=lambda: NOW)
    (frame,) = Decoder().feed(event("door", "open", "0123456789abcdef01234567"))
    assert interpreter.take(frame) is None
    # It is no unknown device, which would be looked for.
    assert tally.drops == {}


def test_of_a_name_without_end_only_the_beginning_counts(take: Take) -> None:
    update = take("n" * 300, "open")
    assert update
    assert [len(each.name) for each in update.events] == [255]


def test_a_board_that_is_gone_from_the_account_is_not_told_to_be_offline() -> None:
    now = 0.0
    presence = Presence(5, clock=lambda: now)
    known = Directory(presence=presence)
    boards = [Board.parse(board(variables=VARIABLES))]
    known.take_listing([each for each in boards if each], 0, complete=True)
    known.devices()
    interpreter = Interpreter(known, now=lambda: NOW)
    presence.doubt(ARGON)
    presence.doubt("0123456789abcdef01234567")
    now = 5.0
    update = interpreter.late()
    assert update
    assert update.online == {ARGON: False}


def test_a_shelf_keeps_what_a_listing_says_and_forgets_who_is_gone() -> None:
    shelf, ref = Shelf(), Ref(ARGON, "sim/status")
    shelf.settle(ref, "on", AT, {"a": 1})
    shelf.settle(ref, "on", NOW, {"a": 1})
    assert shelf.get(ref) == Reading(value="on", at=AT, attributes={"a": 1})
    shelf.settle(ref, "on", NOW, {"a": 2})
    assert shelf.get(ref) == Reading(value="on", at=NOW, attributes={"a": 2})
    shelf.take({Ref(TRACKER, "temp"): Reading(value=1, at=AT)})
    shelf.keep_only([ARGON])
    assert shelf.of(TRACKER) == {}
    assert shelf.of(ARGON).keys() == {"sim/status"}
