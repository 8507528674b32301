"""Tells a project that refuses its key from one that has a bad moment."""

from collections.abc import Callable, Coroutine

from ...model import CloudAuthError, CloudMissing, CloudRejected, CloudUnreachable

# A refused project may be a passing fault; the third time in a row it is the key.
_MAX_REFUSALS = 3


class Trust:
    """Counts refusals of a project as a whole (reference 1.5)."""

    def __init__(self) -> None:
        """Nothing was refused yet."""
        self._refusals = 0

    def restore(self) -> None:
        """The project answers: what it refused before is forgiven."""
        self._refusals = 0

    async def ask[T](self, ask: Callable[[], Coroutine[None, None, T]]) -> T:
        """Ask about the project.

        Raises:
            CloudUnreachable: it was refused, which may pass.
            CloudAuthError: it was refused three times in a row.
        """
        try:
            return await ask()
        except (CloudMissing, CloudRejected) as err:
            if isinstance(err, CloudRejected) and err.key != "forbidden":
                raise CloudUnreachable("The cloud does not know the project") from err
            self._refusals += 1
            if self._refusals >= _MAX_REFUSALS:
                raise CloudAuthError("The key does not open the project") from err
            raise CloudUnreachable("The cloud refused the project") from err
