"""What can go wrong at a cloud, one class for each reaction."""


class CloudError(Exception):
    """Something went wrong at the cloud; the text is safe to log.

    There is one subclass for each reaction. Texts carry no tokens, addresses, locations,
    URLs or response bodies.
    """


class CloudAuthError(CloudError):
    """The credentials are refused: ask the user for new ones."""


class CloudUnreachable(CloudError):
    """Network, time limit, server fault or an answer that makes no sense: try later."""


class CloudBusy(CloudError):
    """The cloud limits the rate: wait `retry_after` seconds."""

    def __init__(self, message: str, *, retry_after: float) -> None:
        """Remember how long to wait, in seconds."""
        super().__init__(message)
        self.retry_after = retry_after


class CloudRejected(CloudError):
    """The cloud understood and said no.

    `reason` is the cloud's own words and may be shown to the user. `key`, where known,
    is a translation key that says it in the user's language; `field` names the input (a
    form field or an option) that is wrong.
    """

    def __init__(
        self, reason: str, *, key: str | None = None, field: str | None = None
    ) -> None:
        """Remember the cloud's words and the input that they are about."""
        super().__init__(reason)
        self.reason = reason
        self.key = key
        self.field = field


class CloudMissing(CloudError):
    """The addressed device, point or function does not exist (any more)."""


class DeviceOffline(CloudError):
    """The device did not answer; the cloud itself is fine."""
