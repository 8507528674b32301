"""Entities that a user defines: what they are made from and what they do; pure."""

from .definitions import (
    Act,
    Calling,
    Classes,
    Definition,
    EventSource,
    Limits,
    Order,
    PointSource,
    Publishing,
    Sending,
    Setting,
    State,
    Success,
)
from .documents import parse, parse_order
from .dumping import dump, dump_order
from .engine import Mapper, Plan
from .fields import BadDefinition
from .parts import reached
from .shapes import SHAPES, Shape

__all__ = [
    "SHAPES",
    "Act",
    "BadDefinition",
    "Calling",
    "Classes",
    "Definition",
    "EventSource",
    "Limits",
    "Mapper",
    "Order",
    "Plan",
    "PointSource",
    "Publishing",
    "Sending",
    "Setting",
    "Shape",
    "State",
    "Success",
    "dump",
    "dump_order",
    "parse",
    "parse_order",
    "reached",
]
