"""The hunt by hand ends with 1 when it found something, and keeps what it found."""

from collections.abc import Callable, Iterator
import logging
from pathlib import Path

import pytest

from . import __main__ as program
from .hunt import Decoder


@pytest.fixture(autouse=True)
def _heard_again() -> Iterator[None]:
    """The hunt silences everything."""
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def decoder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[[Callable[[bytes], object]], None]:
    def only(run: Callable[[bytes], object]) -> None:
        bad = Decoder(name="a-decoder", run=run, seeds=(b"{}",))
        monkeypatch.setattr(program, "DECODERS", {bad.name: bad})

    monkeypatch.setattr(program, "ROOT", tmp_path)
    monkeypatch.setattr(program, "KEPT", tmp_path / "kept")
    return only


def _fails(data: bytes) -> None:
    raise KeyError("a")


def test_a_finding_ends_it_with_1_and_can_be_tried_again(
    decoder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    decoder(_fails)

    assert program.main(["--minutes", "0.005", "--seed", "1"]) == 1

    [kept] = (tmp_path / "kept").iterdir()
    said = capsys.readouterr().out
    assert "a-decoder: KeyError: 'a'" in said
    assert f"scripts/fuzz --case kept/{kept.name}" in said
    assert program.main(["--case", str(kept)]) == 1
    decoder(len)
    assert program.main(["--case", str(kept)]) == 0


def test_nothing_found_ends_it_with_0(
    decoder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    decoder(len)

    assert program.main(["--minutes", "0.005", "--seed", "1"]) == 0

    assert not (tmp_path / "kept").exists()
    *_, row = capsys.readouterr().out.splitlines()
    assert row.split()[0] == "a-decoder"


def test_a_hunt_in_no_decoder_proves_nothing(decoder) -> None:
    decoder(len)
    assert program.main(["--minutes", "0.005", "--only", "another"]) == 1


def test_memory_that_an_input_takes_again_ends_it_with_1(
    decoder, tmp_path: Path
) -> None:
    decoder(lambda data: len([bytearray(1 << 20) for _ in range(20)]))
    case = tmp_path / "a-decoder-1.bin"
    case.write_bytes(b"{}")
    assert program.main(["--case", str(case)]) == 1
