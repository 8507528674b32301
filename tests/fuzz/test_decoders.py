"""A few hundred hostile inputs for each decoder, the same ones in every run."""

import logging
from pathlib import Path
from random import Random

import pytest

from .decoders import DECODERS
from .hunt import Decoder, Hunt, allowed_memory, peak_of, problem

INPUTS = 500
CASES = sorted((Path(__file__).parent / "cases").glob("*.bin"))


@pytest.fixture(autouse=True)
def _quiet():
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("name", DECODERS)
def test_hostile_inputs_do_no_harm(name: str) -> None:
    hunt = Hunt(DECODERS[name], Random(f"1 {name}"))
    for _ in range(INPUTS):
        hunt.step()
    assert [found.why for found in hunt.result.findings] == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_what_was_found_once_does_no_harm_any_more(case: Path) -> None:
    decoder = DECODERS[case.name.rpartition("-")[0]]
    data = case.read_bytes()
    assert problem(decoder.run, data) is None
    assert peak_of(decoder.run, data) <= allowed_memory(data)


@pytest.mark.parametrize("name", DECODERS)
def test_each_decoder_takes_its_harmless_inputs(name: str) -> None:
    assert DECODERS[name].seeds
    for seed in DECODERS[name].seeds:
        assert problem(DECODERS[name].run, seed) is None


def _fails(data: bytes) -> None:
    raise KeyError("a")


def _hoards(data: bytes) -> int:
    return len([bytearray(1 << 20) for _ in range(20)])


@pytest.mark.parametrize(
    ("run", "why"), [(_fails, "KeyError: 'a'"), (_hoards, "20 MB of memory")]
)
def test_a_bad_decoder_is_found_out(run, why: str) -> None:
    hunt = Hunt(Decoder(name="bad", run=run, seeds=(b"{}",)), Random(1))
    for _ in range(60):
        hunt.step()
    assert len(hunt.result.findings) == 1
    assert hunt.result.findings[0].why.startswith(why)
