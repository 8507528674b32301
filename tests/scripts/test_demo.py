"""The demo's own parts: forms, evidence, processes, log."""

import asyncio
import json
import os
from pathlib import Path
import socket
import subprocess
import sys
from typing import Any

from aiohttp import ServerDisconnectedError
import pytest

from demo.__main__ import _unless_ended, main
from demo.accounts import connect_account, filled
from demo.clouds import CloudClient, Entry
from demo.evidence import holds, is_subscription, other, reads, shows
from demo.installation import FOLDER, complaints, prepare, reserved
from demo.observer import _names
from demo.processes import completed, fail_when_ended, running
from demo.terminal import DemoError, Terminal

from .conftest import ROOT

FACTS = {"url": "http://127.0.0.1:1", "mqtt_url": "ws://127.0.0.1:1/mqtt", "key": "k"}


class Flow:
    """A Home Assistant whose config flow was written down beforehand."""

    def __init__(self, *steps: dict[str, Any]) -> None:
        self.steps = [{"flow_id": "f", **step} for step in steps]
        self.answers: list[dict[str, Any]] = []

    async def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        self.answers.append(body)
        return self.steps.pop(0)


def cloud(name: str = "particle") -> CloudClient:
    return CloudClient(name=name, info=FACTS, session=None)  # type: ignore[arg-type]


def entry(channel: str, method: str, at: float = 1.0) -> Entry:
    return Entry(at=at, channel=channel, method=method, path="/")


def test_a_form_gets_what_it_requires_and_the_simulated_addresses() -> None:
    schema = [
        {"name": "key", "required": True},
        {"name": "organization_id", "optional": True},
        {
            "name": "advanced",
            "type": "expandable",
            "required": True,
            "schema": [
                {"name": "base_url", "required": True, "default": "https://cloud"},
                {"name": "mqtt_url", "optional": True},
                {"name": "retries", "required": True, "default": 3},
            ],
        },
    ]

    assert filled(schema, {**FACTS, "organization_id": "o"}) == {
        "key": "k",
        "advanced": {
            "base_url": "http://127.0.0.1:1",
            "mqtt_url": "ws://127.0.0.1:1/mqtt",
        },
    }


def test_a_form_that_asks_for_the_unknown_is_an_error() -> None:
    with pytest.raises(DemoError, match="'pin'"):
        filled([{"name": "pin", "required": True}], FACTS)


async def test_an_account_is_connected_through_its_menus() -> None:
    form = {"type": "form", "data_schema": [{"name": "key", "required": True}]}
    entry_made = {"entry_id": "e", "title": "t"}
    home = Flow(
        {"type": "menu"},
        {"type": "menu"},
        form,
        {"type": "create_entry", "result": entry_made},
    )

    assert await connect_account(home, cloud()) == entry_made  # type: ignore[arg-type]
    assert home.answers[1:] == [
        {"next_step_id": "particle"},
        {"next_step_id": "particle_password"},
        {"key": "k"},
    ]


@pytest.mark.parametrize(
    ("last", "words"),
    [
        ({"type": "abort", "reason": "already_configured"}, "already_configured"),
        (
            {"type": "form", "data_schema": [], "errors": {"base": "invalid_auth"}},
            "invalid_auth",
        ),
    ],
)
async def test_an_account_that_is_refused_says_why(
    last: dict[str, Any], words: str
) -> None:
    home = Flow({"type": "menu"}, {"type": "form", "data_schema": []}, last)

    with pytest.raises(DemoError, match=words):
        await connect_account(home, cloud("iottly"))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("state", "value", "same"),
    [
        ("on", True, True),
        ("off", True, False),
        ("21.50", 21.5, True),
        ("unknown", 21.5, False),
        ("21.6", 21.5, False),
        ("auto", "auto", True),
        ("1", True, False),
    ],
)
def test_a_state_shows_a_published_value_or_not(
    state: str, value: Any, same: bool
) -> None:
    assert shows(state, value) is same


@pytest.mark.parametrize(
    ("now", "then"), [(True, False), (3, 4), (21.25, 21.75), ("auto", "auto!")]
)
def test_a_board_is_made_to_measure_something_else(now: Any, then: Any) -> None:
    assert other(now) == then
    assert type(other(now)) is type(now)


def test_a_body_must_hold_what_was_sent() -> None:
    assert holds({"pump": {"state": "on"}, "id": 3}, {"pump": {"state": "on"}})
    assert not holds({"pump": {"state": "off"}}, {"pump": {"state": "on"}})
    assert not holds(None, {})


def test_only_requests_up_to_the_moment_count_as_reads() -> None:
    log = [
        entry("http", "GET", 1.0),
        entry("http", "PUT", 1.0),
        entry("sse", "GET", 1.0),
        entry("http", "GET", 3.0),
    ]

    assert reads(log, until=2.0) == [log[0]]


def test_subscriptions_are_recognised_on_both_kinds_of_push() -> None:
    assert is_subscription(entry("mqtt", "SUBSCRIBE"))
    assert is_subscription(entry("sse", "OPEN"))
    assert not is_subscription(entry("mqtt", "CONNECT"))


def test_an_entity_may_have_any_name_that_its_maker_gave_the_variable() -> None:
    board = {
        "facts": {
            "properties": {"garage_door": {"name": "Door"}},
            "paths": {"pump": ["outputs", "pump", "state"]},
        }
    }

    assert _names(board, "garage_door") == {"garagedoor", "door"}
    assert _names(board, "pump") == {"pump", "pumpstate"}


def test_complaints_are_errors_and_warnings_about_this_integration() -> None:
    mine = (
        "2026-11-21 02:30:24.057 WARNING (MainThread) [custom_components.iot_clouds] x"
    )
    error = "2026-11-21 02:30:24.057 ERROR (MainThread) [homeassistant] Error doing job"
    frame = (
        "2026-11-21 02:30:24.057 WARNING (MainThread) [homeassistant.helpers.frame]"
        " Detected that custom integration 'iot_clouds' does something old"
    )
    log = [
        "2026-11-21 02:30:24.057 WARNING (S) [loader] We found a custom integration"
        " iot_clouds which has not been tested",
        "2026-11-21 02:30:24.368 ERROR (MainThread) [haffmpeg.core] FFmpeg fails",
        "2026-11-21 02:30:24.368 WARNING (MainThread) [homeassistant.bootstrap] pip",
        mine,
        "Traceback (most recent call last):",
        error,
        frame,
    ]

    assert complaints("\n".join(log)) == [mine, error, frame]


def test_a_port_in_use_is_told_before_anything_starts() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(DemoError, match="--port"),
        reserved(taken.getsockname()[1]),
    ):
        pass


@pytest.mark.parametrize("port", [-1, 65536])
def test_what_is_no_port_is_told_like_one_in_use(port: int) -> None:
    with pytest.raises(DemoError, match="--port"), reserved(port):
        pass


def test_a_reserved_port_is_home_assistants_alone() -> None:
    with reserved() as port, socket.create_server(("127.0.0.1", port)):
        pass
    with reserved(port), pytest.raises(DemoError, match="--port"), reserved(port):
        pass


def test_each_start_begins_with_a_fresh_configuration(tmp_path: Path) -> None:
    config = prepare(tmp_path, 8123)
    (config / "leftover").touch()

    assert prepare(tmp_path, 8124) == config
    assert not (config / "leftover").exists()
    assert (config / "custom_components/iot_clouds/manifest.json").exists()
    assert '"server_port": 8124' in (config / ".storage/http").read_text()


def test_the_demo_looks_at_no_network_but_this_machine(tmp_path: Path) -> None:
    stored = json.loads((prepare(tmp_path, 8123) / ".storage/core.network").read_text())

    assert stored["data"] == {"configured_adapters": ["lo"]}


async def test_a_process_ends_with_its_block(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import time; time.sleep(60)"]
    with pytest.raises(ZeroDivisionError):
        async with running(command, cwd=tmp_path, output=tmp_path / "log") as process:
            raise ZeroDivisionError

    assert process.returncode == -15


async def test_a_process_that_does_not_listen_is_ended_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("demo.processes.PATIENCE", 0.1)
    deaf = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        " print('ready', flush=True); time.sleep(60)"
    )
    async with running(
        [sys.executable, "-c", deaf], cwd=tmp_path, output=tmp_path / "log", read=True
    ) as process:
        assert process.stdout
        await process.stdout.readline()

    assert process.returncode == -9


async def test_a_process_that_ends_by_itself_says_its_last_words(
    tmp_path: Path,
) -> None:
    log = tmp_path / "log"
    command = [sys.executable, "-c", "import sys; sys.exit('no more disk')"]
    async with running(command, cwd=tmp_path, output=log) as process:
        with pytest.raises(DemoError, match="the house ended .*1.*\nno more disk"):
            await asyncio.wait_for(fail_when_ended("the house", process, log), 10)


async def test_a_command_that_fails_says_its_last_words(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import sys; sys.exit('no such user')"]
    with pytest.raises(DemoError, match="adding failed:\nno such user"):
        await completed("adding", command, cwd=tmp_path, output=tmp_path / "log")


def test_a_table_has_columns_as_wide_as_their_cells(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Terminal().table(("a", "bc"), [("def", "g")])

    assert capsys.readouterr().out == "a    bc\n---  --\ndef  g\n"


def test_progress_tells_the_seconds_since_the_start(
    capsys: pytest.CaptureFixture[str],
) -> None:
    moments = iter([100.0, 112.34])
    Terminal(clock=lambda: next(moments)).progress("it starts")

    assert capsys.readouterr().out == "[ 12.3 s] it starts\n"


def test_progress_keeps_out_of_what_a_script_reads(
    capsys: pytest.CaptureFixture[str],
) -> None:
    terminal = Terminal(aside=True, clock=lambda: 0.0)
    terminal.progress("it starts")
    terminal.line("{}")

    assert capsys.readouterr() == ("{}\n", "[  0.0 s] it starts\n")


def test_a_reader_that_has_read_enough_ends_the_demo_without_a_word() -> None:
    code = """if True:
        import sys, demo.__main__ as it
        async def talks(options, terminal):
            terminal.line("on and on")
        it._demo = talks
        sys.argv = ["demo"]
        sys.exit(it.main())
    """
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        stdout=writer,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writer)

    assert (done.returncode, done.stderr) == (141, b"")


def test_a_folder_that_somebody_else_left_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(folder: Path) -> None:
        raise PermissionError(13, "Permission denied", str(folder / "lock"))

    monkeypatch.setattr("demo.__main__._only_one", refused)
    monkeypatch.setattr(sys, "argv", ["demo"])

    assert main() == 1
    assert capsys.readouterr().out == f"demo: {FOLDER}/lock: Permission denied\n"


async def test_a_connection_that_breaks_is_told_by_the_process_that_ended() -> None:
    async def work() -> None:
        raise ServerDisconnectedError

    async def end(said: str) -> None:
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        raise DemoError(said)

    ended = asyncio.create_task(end("Home Assistant ended by itself"))
    with pytest.raises(DemoError, match="ended by itself"):
        await _unless_ended(work(), ended)
