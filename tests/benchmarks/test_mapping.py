"""What the measurement of mappings says."""

import json
import re

import pytest

from benchmarks import mapping


def test_the_message_has_twenty_keys_and_the_mappings_show_what_they_should():
    assert len(json.loads(mapping.message())) == 20
    assert mapping.mapped(mapping.message()) == (1.25, 1.2, False)


def test_the_costs_and_their_ratio_are_printed(capsys: pytest.CaptureFixture[str]):
    assert mapping.main(["--runs", "1", "--seconds", "0"]) == 0

    *table, last = capsys.readouterr().out.splitlines()
    assert [line[:24].strip() for line in table] == [
        "json.loads alone",
        "parse",
        "parse and 3 mappings",
    ]
    assert re.fullmatch(r"mapping keys=20 mappings=3 cpu_ratio=\d+\.\d\d", last)


def test_wrong_states_fail_the_measurement(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(mapping, "SHOWN", (1.25, 1.2, True))

    assert mapping.main(["--runs", "1"]) == 1
    assert "wrong states" in capsys.readouterr().err
