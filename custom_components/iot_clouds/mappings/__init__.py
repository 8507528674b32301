"""Entities that a user defines: what they are made from and what they do; pure."""

from .definitions import (
    Act,
    Calling,
    Definition,
    EventSource,
    Order,
    PointSource,
    Publishing,
    Sending,
    Setting,
    State,
    Success,
)
from .documents import dump, dump_order, parse, parse_order
from .engine import Mapper, Plan
from .fields import BadDefinition
from .shapes import SHAPES, Shape, Verb

__all__ = [
    "SHAPES",
    "Act",
    "BadDefinition",
    "Calling",
    "Definition",
    "EventSource",
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
    "Verb",
    "dump",
    "dump_order",
    "parse",
    "parse_order",
]
