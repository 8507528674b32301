"""Where time goes: whose each function is, and how it is told; mosquitto is not needed."""

import json

import cbor2
import pytest

from benchmarks.processes import ROOT
from benchmarks.profiler import Function, Profiler, owner_of, owner_of_native
from benchmarks.profiling import arguments, main, tables

SITE = "/x/lib/python3.14/site-packages"


@pytest.mark.parametrize(
    ("filename", "owner"),
    [
        (f"{SITE}/homeassistant/core.py", "homeassistant"),
        (f"{SITE}/homeassistant/helpers/entity.py", "homeassistant"),
        (
            f"{SITE}/homeassistant/components/mqtt/client.py",
            "homeassistant.components.mqtt",
        ),
        (f"{SITE}/paho/mqtt/client.py", "paho"),
        (f"{SITE}/six.py", "six"),
        ("/x/lib/python3.14/asyncio/events.py", "event loop"),
        ("/x/lib/python3.14/selectors.py", "event loop"),
        ("/x/lib/python3.14/json/decoder.py", "standard library"),
        # The project's own Python lies within the project.
        (
            str(ROOT / ".tools/python/lib/python3.14/asyncio/events.py"),
            "event loop",
        ),
        (
            str(ROOT / ".tools/python/lib/python3.14/json/decoder.py"),
            "standard library",
        ),
        ("<string>", "standard library"),
        (str(ROOT / "custom_components/iot_clouds/entity.py"), "iot_clouds"),
        (
            str(ROOT / "custom_components/iot_clouds/vendors/arduino/senml.py"),
            "iot_clouds.vendors.arduino",
        ),
        (str(ROOT / "benchmarks/home.py"), "the benchmark itself"),
    ],
)
def test_a_file_belongs_to_a_package(filename: str, owner: str):
    assert owner_of(filename) == owner


@pytest.mark.parametrize(
    ("name", "owner"),
    [
        ("<method 'poll' of 'select.epoll' objects>", "waiting"),
        ("<built-in method _cbor2.loads>", "cbor2"),
        (
            "<method 'update' of 'multidict._multidict.CIMultiDict' objects>",
            "multidict",
        ),
        ("<built-in method builtins.len>", None),
        ("<built-in method _struct.unpack>", None),
        ("<method 'recv' of '_socket.socket' objects>", None),
        ("<method 'append' of 'list' objects>", None),
    ],
)
def test_a_function_in_c_is_its_packages_or_its_callers(name: str, owner: str | None):
    assert owner_of_native(name) == owner


async def test_a_profile_tells_how_often_each_function_ran_and_for_how_long():
    profiler = Profiler()

    with profiler.profiling():
        for _ in range(3):
            json.loads("[" + "1," * 20_000 + "1]")
            cbor2.loads(b"\x01")
    told = [Function(*each) for each in (await profiler.end())["functions"]]

    (loads,) = [each for each in told if each.name.startswith("loads (json/")]
    assert (loads.owner, loads.calls) == ("standard library", 3)
    # What the decoder does in C is part of what calls it.
    (decode,) = [each for each in told if "raw_decode" in each.name]
    assert decode.seconds > loads.seconds
    assert sum(each.calls for each in told if each.owner == "cbor2") == 3


def test_the_tables_have_the_time_of_one_event_and_leave_out_waiting():
    functions = [
        Function("paho", "read (mqtt/client.py:1)", 0.003, 4_000),
        Function("paho", "write (mqtt/client.py:2)", 0.001, 1_000),
        Function("iot_clouds", "merge (iot_clouds/coordinator.py:3)", 0.004, 1_000),
        Function("attr", "init (attr/make.py:4)", 0.00001, 10),
        Function("waiting", "poll", 5.0, 1_000),
    ]

    lines = tables(functions, 1_000, 2)

    assert [line.split() for line in lines] == [
        ["whose", "µs", "share"],
        ["paho", "4.0", "49.9%"],
        ["iot_clouds", "4.0", "49.9%"],
        ["all", "others", "0.0", "0.1%"],
        ["all", "8.0", "100.0%"],
        [],
        ["function", "whose", "µs", "calls"],
        ["merge", "(iot_clouds/coordinator.py:3)", "iot_clouds", "4.0", "1.0"],
        ["read", "(mqtt/client.py:1)", "paho", "3.0", "4.0"],
        [],
    ]


def test_quick_is_a_short_window_with_100_entities():
    options = arguments(["--mosquitto", "mosquitto", "--quick"])

    assert (options.seconds, options.entities) == (2.0, 100)


@pytest.mark.parametrize("more", [[], ["--setup"]])
def test_a_broken_run_ends_the_program_with_1(
    more: list[str], capsys: pytest.CaptureFixture[str]
):
    given = ["--quick", "--vendors", "arduino", *more]

    assert main([*given, "--mosquitto", "/nonexistent/mosquitto"]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("broken run: ") == 2
