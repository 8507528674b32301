"""Hunts in every decoder by turns, prints what came of it, and keeps what was found."""

import argparse
from collections.abc import Iterable, Sequence
import logging
from pathlib import Path
from random import Random
import secrets
import sys
import time

from .decoders import DECODERS
from .hunt import ROOT, Coverage, Hunt, Result, allowed_memory, peak_of, problem

KEPT = ROOT / ".tools" / "fuzz"
_STEPS = 50


def main(arguments: Sequence[str]) -> int:
    """Hunt for the given time, or try one input again."""
    parser = argparse.ArgumentParser(prog="scripts/fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0, help="how long (5)")
    parser.add_argument("--seed", type=int, help="the same inputs again")
    parser.add_argument("--only", default="", help="names of decoders begin so")
    parser.add_argument("--case", type=Path, help="try the input in this file again")
    options = parser.parse_args(arguments)
    # What decoders have to say of so many bad inputs is not what is looked for here.
    logging.disable(logging.CRITICAL)
    if options.case:
        return again(options.case)
    seed = secrets.randbits(32) if options.seed is None else options.seed
    print(f"seed {seed}")
    results = hunt(seed, options.minutes * 60, options.only)
    show(results)
    return 1 if any(each.findings for each in results) or not results else 0


def hunt(seed: int, seconds: float, only: str) -> list[Result]:
    """Give all decoders the same part of the time, by turns."""
    chosen = [each for name, each in DECODERS.items() if name.startswith(only)]
    until = time.monotonic() + seconds
    with Coverage() as coverage:
        hunts = [Hunt(each, Random(f"{seed} {each.name}"), coverage) for each in chosen]
        while hunts and time.monotonic() < until:
            for each in hunts:
                turn = time.monotonic() + 0.25
                for _ in range(_STEPS):
                    each.step()
                    if time.monotonic() > min(turn, until):
                        break
    return [each.result for each in hunts]


def show(results: Iterable[Result]) -> None:
    """Print the table, and where the inputs are that something is wrong with."""
    row = "{:<20} {:>9} {:>8} {:>12} {:>12} {:>9}"
    print(
        row.format(
            "decoder", "inputs", "crashes", "slowest ms", "memory kB", "branches"
        )
    )
    for each in results:
        print(
            row.format(
                each.decoder,
                each.inputs,
                len(each.findings),
                f"{each.slowest * 1000:.1f}",
                each.memory >> 10,
                each.places,
            )
        )
    for each in results:
        for found in each.findings:
            KEPT.mkdir(parents=True, exist_ok=True)
            file = KEPT / found.file
            file.write_bytes(found.data)
            print(f"{found.decoder}: {found.why}")
            print(f"  scripts/fuzz --case {file.relative_to(ROOT)}")


def again(file: Path) -> int:
    """Try the input of a file whose name begins with that of its decoder."""
    decoder = DECODERS[file.name.rpartition("-")[0]]
    data = file.read_bytes()
    began = time.thread_time()
    why = problem(decoder.run, data)
    took, peak = time.thread_time() - began, peak_of(decoder.run, data)
    if peak > allowed_memory(data):
        why = why or "too much memory"
    print(f"{decoder.name}: {why or 'fine'}, {took:.3f} s, {peak >> 10} kB")
    return 1 if why else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
