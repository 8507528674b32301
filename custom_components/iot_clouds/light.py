"""Lights: lamps that are switched, dimmed or coloured."""

from typing import Any, override

from homeassistant.components.light import (
    ATTR_BRIGHTNESS,
    ATTR_HS_COLOR,
    ColorMode,
    LightEntity,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .control import ControlEntity
from .coordinator import CloudConfigEntry
from .entity import add_points
from .model import Kind, Light
from .remembering import RememberingEntity, rememberable

PARALLEL_UPDATES = 0

FULL = 100.0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: CloudConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add a light for every lamp that may be written."""
    factory = rememberable(PointLight, RememberingLight)
    add_points(entry, async_add_entities, {Kind.LIGHT: factory})


class PointLight(ControlEntity, LightEntity):
    """A lamp, written as a whole with every change."""

    @override
    def _describe(self) -> None:
        super()._describe()
        mode = ColorMode.ONOFF
        if self.point.colours:
            mode = ColorMode.HS
        elif self.point.dims:
            mode = ColorMode.BRIGHTNESS
        self._attr_supported_color_modes = {mode}
        self._attr_color_mode = mode

    @property
    def _light(self) -> Light | None:
        value = self.current
        return value if isinstance(value, Light) else None

    @property
    @override
    def is_on(self) -> bool | None:
        """Whether the lamp is on; None if it is unknown."""
        return self._light.on if self._light else None

    @property
    @override
    def brightness(self) -> int | None:
        """How bright the lamp is, from 1 to 255; None if it is unknown."""
        if self._light is None or self._light.brightness is None:
            return None
        return brightness_of(self._light.brightness)

    @property
    @override
    def hs_color(self) -> tuple[float, float] | None:
        """Hue and saturation; None if one of them is unknown."""
        light = self._light
        if light is None or light.hue is None or light.saturation is None:
            return None
        return light.hue, light.saturation

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Switch the lamp on, with its brightness and colour in the same write.

        A lamp that would be on at nothing gets its full brightness.
        """
        percent = None
        if ATTR_BRIGHTNESS in kwargs:
            percent = percent_of(kwargs[ATTR_BRIGHTNESS])
        await self._write(self._changed(True, percent, kwargs.get(ATTR_HS_COLOR)))

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Switch the lamp off; it keeps its brightness and colour."""
        await self._write(self._changed(False, None, None))

    def _changed(
        self, on: bool, percent: float | None, colour: tuple[float, float] | None
    ) -> Light:
        """All parts that the lamp has, some of them changed."""
        intended = self.intended
        light = intended if isinstance(intended, Light) else Light(on=on)
        if percent is None:
            percent = light.brightness or (FULL if on else 0.0)
        hue, saturation = colour or (light.hue or 0.0, light.saturation or 0.0)
        colours = self.point.colours
        return Light(
            on=on,
            brightness=percent if self.point.dims else None,
            hue=hue if colours else None,
            saturation=saturation if colours else None,
        )


class RememberingLight(RememberingEntity, PointLight):
    """A lamp that may have to remember what was written last."""


def brightness_of(percent: float) -> int:
    """Home Assistant's brightness, 1 to 255."""
    return max(round(min(max(percent, 0.0), FULL) * 255 / 100), 1)


def percent_of(brightness: int) -> float:
    """The roundest percentage that is shown as this very brightness again."""
    whole = float(round(brightness * 100 / 255))
    if whole and brightness_of(whole) == brightness:
        return whole
    return round(brightness * 100 / 255, 1)
