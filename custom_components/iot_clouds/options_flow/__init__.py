"""The flow in which the user changes the options of an account."""

from .flow import IotCloudsOptionsFlow

__all__ = ["IotCloudsOptionsFlow"]
