"""The flow in which the user makes entities of their own, and changes them."""

from .flow import MappingFlow

__all__ = ["MappingFlow"]
