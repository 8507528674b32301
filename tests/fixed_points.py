"""Every point that vendors and the core describe themselves, and not the user."""

from collections.abc import Iterator, Mapping
import importlib
import pkgutil

from custom_components.iot_clouds import devices, vendors
from custom_components.iot_clouds.model import Place, Point
from custom_components.iot_clouds.vendors.iottly.flatten import Form, Leaf
from custom_components.iot_clouds.vendors.iottly.naming import point_of


def fixed_points() -> list[Point]:
    """Points with a label, each once: those made at import, and those of whole payloads."""
    found = {devices.CONNECTIVITY}
    for module in pkgutil.walk_packages(vendors.__path__, f"{vendors.__name__}."):
        for value in vars(importlib.import_module(module.name)).values():
            found |= {*_points(value)}
    for form, value in (
        (Form.PLACE, Place(latitude=0, longitude=0)),
        (Form.LENGTH, 3),
    ):
        found.add(point_of(Leaf(path=(), form=form, value=value)))
    return sorted(
        (point for point in found if point.label),
        key=lambda each: (each.key, str(each.label), repr(each)),
    )


def _points(value: object) -> Iterator[Point]:
    if isinstance(value, Point):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _points(each)
    elif isinstance(value, tuple | list | set | frozenset):
        for each in value:
            yield from _points(each)
