"""What mappings cost for a message, beside decoding the same message and nothing else."""

from argparse import ArgumentDefaultsHelpFormatter, ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
import json
import sys
import time

from custom_components.iot_clouds.mappings import Mapper, parse as definition
from custom_components.iot_clouds.mappings.payloads import parse
from custom_components.iot_clouds.model import Json, Reading, Ref, Value

from .figures import Spread

SOURCE = Ref("board", "variable/status")
AT = datetime(2026, 1, 1, tzinfo=UTC)
STATES: tuple[tuple[str, dict[str, Json]], ...] = (
    ("sensor", {"path": "/value_1"}),
    ("sensor", {"path": "/value_12", "scale": 0.1}),
    ("binary_sensor", {"path": "/value_15", "map": {"open": True, "closed": False}}),
)
MAPPER = Mapper(
    definition(
        str(number),
        f"Entity {number}",
        {
            "device": SOURCE.device_id,
            "platform": platform,
            "state": {"source": {"point": SOURCE.key}, **state},
        },
    )
    for number, (platform, state) in enumerate(STATES)
)
SHOWN: tuple[Value, ...] = (1.25, 1.2, False)
"""What these show for `message`."""

_ROUND = 200
"""Messages between two looks at the clock."""


def message() -> str:
    """An object of twenty keys with numbers, texts and booleans, as JSON."""
    content: dict[str, float | str | bool] = {
        f"value_{index}": index + 0.25 if index % 2 else index for index in range(18)
    }
    content |= {"value_15": "closed", "value_18": True, "value_19": "none"}
    return json.dumps(content)


def mapped(text: str) -> tuple[Value, ...]:
    """The states of the three mappings of a message."""
    found = MAPPER.readings({SOURCE: Reading(value=text, at=AT)})
    return tuple(reading.value for reading in found.values())


def cost(call: Callable[[str], object], text: str, seconds: float) -> float:
    """CPU time of a call in µs, over at least so many seconds of it."""
    calls, start = 0, time.process_time()
    while (spent := time.process_time() - start) < seconds or not calls:
        for _ in range(_ROUND):
            call(text)
        calls += _ROUND
    return spent / calls * 1e6


def arguments(given: Sequence[str] | None) -> Namespace:
    """Read the command line."""
    parser = ArgumentParser(
        prog="scripts/bench mapping",
        description=__doc__,
        formatter_class=ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--runs", type=int, default=9, help="of each, in turn")
    parser.add_argument("--seconds", type=float, default=0.5, help="of each run")
    parser.add_argument("--quick", action="store_true", help="three short runs")
    options = parser.parse_args(given)
    if options.quick:
        options.runs, options.seconds = 3, 0.1
    return options


def main(given: Sequence[str] | None = None) -> int:
    """Measure and print; 1 if the mappings show something wrong."""
    options = arguments(given)
    text = message()
    if mapped(text) != SHOWN:
        print(f"wrong states: {mapped(text)}", file=sys.stderr)
        return 1
    sides: tuple[Callable[[str], object], ...] = (json.loads, parse, mapped)
    runs = [
        [cost(side, text, options.seconds) for side in sides]
        for _ in range(options.runs)
    ]
    names = ("json.loads alone", "parse", f"parse and {len(STATES)} mappings")
    for name, column in zip(names, zip(*runs, strict=True), strict=True):
        print(f"{name:24}{Spread.of(column)} µs/message")
    ratio = Spread.of(run[2] / run[0] for run in runs)
    print(f"mapping keys=20 mappings={len(STATES)} cpu_ratio={ratio.middle:.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
