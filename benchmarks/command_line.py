"""What the command lines of all comparisons with Home Assistant's MQTT have in common."""

from argparse import ArgumentDefaultsHelpFormatter, ArgumentParser
from collections.abc import Callable
import signal
import sys
from types import FrameType
from typing import NoReturn

from .sides import SIDES


def comparison(name: str, description: str | None) -> ArgumentParser:
    """A parser with the options that say what is compared."""
    parser = ArgumentParser(
        prog=f"scripts/bench {name}",
        description=description,
        formatter_class=ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--mosquitto", required=True, help="path of the broker")
    parser.add_argument("--vendors", nargs="+", choices=SIDES, default=list(SIDES))
    parser.add_argument(
        "--accounts",
        type=int,
        help="that share the entities; None: as many as can hold them, two for 10 000",
    )
    parser.add_argument(
        "--mqtt-protocol",
        choices=("5", "3.1.1"),
        default="5",
        help="of Home Assistant's MQTT, which costs it less with 3.1.1 but changes to 5"
        " by itself where the broker speaks it; with 3.1.1 it is kept from that",
    )
    return parser


def end_with(main: Callable[[], int]) -> NoReturn:
    """Run a comparison, and exit as it says; when terminated, end what it started."""
    signal.signal(signal.SIGTERM, _leave)
    sys.exit(main())


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    sys.exit(128 + number)
