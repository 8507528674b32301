"""Constants of the integration."""

import logging
from typing import Final

from homeassistant.const import Platform

DOMAIN: Final = "iot_clouds"
LOGGER = logging.getLogger(__package__)

PLATFORMS: Final = (
    Platform.BINARY_SENSOR,
    Platform.BUTTON,
    Platform.COVER,
    Platform.DATETIME,
    Platform.DEVICE_TRACKER,
    Platform.EVENT,
    Platform.FAN,
    Platform.LIGHT,
    Platform.LOCK,
    Platform.MEDIA_PLAYER,
    Platform.NUMBER,
    Platform.SELECT,
    Platform.SENSOR,
    Platform.SWITCH,
    Platform.TEXT,
    Platform.UPDATE,
    Platform.VALVE,
)

CONF_VENDOR: Final = "vendor"
"""Key of the vendor in an entry's data; everything else there is the vendor's own."""

SUBENTRY_MAPPING: Final = "mapping"
"""Type of the subentries that are entities which the user defined."""

CONF_POINTS: Final = "points"
"""Option: adjustments of single points, by unique id of their entity."""
