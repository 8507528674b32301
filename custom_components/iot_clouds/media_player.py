"""Media players: televisions and the like."""

from dataclasses import replace
from typing import Any, override

from homeassistant.components.media_player import (
    MediaPlayerDeviceClass,
    MediaPlayerEntity,
    MediaPlayerEntityFeature,
    MediaPlayerState,
    MediaType,
)
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import DOMAIN
from .control import ControlEntity
from .coordinator import CloudConfigEntry
from .entity import add_points
from .model import Kind, Playback, Player

PARALLEL_UPDATES = 0

FEATURES = (
    MediaPlayerEntityFeature.TURN_ON
    | MediaPlayerEntityFeature.TURN_OFF
    | MediaPlayerEntityFeature.VOLUME_SET
    | MediaPlayerEntityFeature.VOLUME_STEP
    | MediaPlayerEntityFeature.VOLUME_MUTE
    | MediaPlayerEntityFeature.PLAY
    | MediaPlayerEntityFeature.PAUSE
    | MediaPlayerEntityFeature.STOP
    | MediaPlayerEntityFeature.NEXT_TRACK
    | MediaPlayerEntityFeature.PREVIOUS_TRACK
    | MediaPlayerEntityFeature.PLAY_MEDIA
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: CloudConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add a media player for every television."""
    add_points(entry, async_add_entities, {Kind.PLAYER: PointPlayer})


class PointPlayer(ControlEntity, MediaPlayerEntity):
    """A television, written as a whole with every change."""

    _attr_device_class = MediaPlayerDeviceClass.TV

    @override
    def _describe(self) -> None:
        super()._describe()
        sources = list(self.point.options)
        self._attr_source_list = sources or None
        self._attr_supported_features = (
            FEATURES | MediaPlayerEntityFeature.SELECT_SOURCE if sources else FEATURES
        )

    @property
    def _player(self) -> Player | None:
        value = self.current
        return value if isinstance(value, Player) else None

    @property
    @override
    def state(self) -> MediaPlayerState | None:
        """Off, or what the last command made of it; None if it is unknown."""
        player = self._player
        if player is None:
            return None
        if not player.on:
            return MediaPlayerState.OFF
        match player.playback:
            case None | Playback.STOP:
                return MediaPlayerState.ON
            case Playback.PAUSE:
                return MediaPlayerState.PAUSED
            case _:
                return MediaPlayerState.PLAYING

    @property
    @override
    def volume_level(self) -> float | None:
        """Volume from 0 to 1."""
        player = self._player
        return None if player is None or player.volume is None else player.volume / 100

    @property
    @override
    def is_volume_muted(self) -> bool | None:
        """Whether the sound is off."""
        return self._player.muted if self._player else None

    @property
    @override
    def source(self) -> str | None:
        """The input that is chosen."""
        return self._player.source if self._player else None

    @property
    @override
    def media_content_type(self) -> MediaType | None:
        """What `media_content_id` is, as it would be given to be played again."""
        return MediaType.CHANNEL if self.media_content_id else None

    @property
    @override
    def media_content_id(self) -> str | None:
        """The channel that is chosen."""
        player = self._player
        return None if player is None or player.channel is None else str(player.channel)

    @property
    @override
    def media_channel(self) -> str | None:
        """The channel that is chosen."""
        return self.media_content_id

    @override
    async def async_turn_on(self) -> None:
        """Switch it on."""
        await self._change(on=True)

    @override
    async def async_turn_off(self) -> None:
        """Switch it off; everything else stays as it is."""
        await self._change(on=False)

    @override
    async def async_set_volume_level(self, volume: float) -> None:
        """Set the volume, in whole percents."""
        await self._change(volume=round(volume * 100))

    @override
    async def async_volume_up(self) -> None:
        """Make it one step louder than it is going to be."""
        await self._step_volume(self.volume_step)

    @override
    async def async_volume_down(self) -> None:
        """Make it one step quieter than it is going to be."""
        await self._step_volume(-self.volume_step)

    @override
    async def async_mute_volume(self, mute: bool) -> None:
        """Switch the sound off or on."""
        await self._change(muted=mute)

    @override
    async def async_media_play(self) -> None:
        """Play."""
        await self._change(playback=Playback.PLAY)

    @override
    async def async_media_pause(self) -> None:
        """Pause."""
        await self._change(playback=Playback.PAUSE)

    @override
    async def async_media_stop(self) -> None:
        """Stop."""
        await self._change(playback=Playback.STOP)

    @override
    async def async_media_next_track(self) -> None:
        """Go on to what is next."""
        await self._change(playback=Playback.NEXT)

    @override
    async def async_media_previous_track(self) -> None:
        """Go back to what was before."""
        await self._change(playback=Playback.PREVIOUS)

    @override
    async def async_select_source(self, source: str) -> None:
        """Choose an input."""
        if source not in self.point.options:
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="unknown_source",
                translation_placeholders={
                    "source": source,
                    "sources": ", ".join(self.point.options),
                },
            )
        await self._change(source=source)

    @override
    async def async_play_media(
        self, media_type: MediaType | str, media_id: str, **kwargs: Any
    ) -> None:
        """Choose a channel by its number."""
        number = media_id.strip()
        if media_type != MediaType.CHANNEL or not _is_channel(number):
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="not_a_channel",
                translation_placeholders={"type": media_type, "media": media_id},
            )
        await self._change(channel=int(number))

    async def _step_volume(self, step: float) -> None:
        intended = self.intended
        volume = intended.volume if isinstance(intended, Player) else None
        volume = (volume or 0) + step * 100
        await self._change(volume=round(min(max(volume, 0), 100)))

    async def _change(self, **parts: Any) -> None:
        """Write the whole player with some of its parts changed."""
        intended = self.intended
        player = intended if isinstance(intended, Player) else Player(on=True)
        await self._write(replace(player, **parts))


def _is_channel(text: str) -> bool:
    """Whether it is a number that a board can hold."""
    return text.isascii() and text.isdecimal() and len(text) <= 9
