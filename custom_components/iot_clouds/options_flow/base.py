"""What the steps of the options have in common."""

from homeassistant.config_entries import ConfigEntryState, OptionsFlowWithReload
from homeassistant.data_entry_flow import AbortFlow

from ..adjust import Adjustments, adjustments
from ..coordinator import CloudConfigEntry, CloudCoordinator


class Steps(OptionsFlowWithReload):
    """A flow about an account."""

    @property
    def is_loaded(self) -> bool:
        """Whether the account can be asked about what it has."""
        return self.config_entry.state is ConfigEntryState.LOADED

    @property
    def account(self) -> CloudConfigEntry:
        """The account, which must be loaded: it may have been lost since the step before.

        Raises:
            AbortFlow: it is not loaded.
        """
        if not self.is_loaded:
            raise AbortFlow("not_loaded")
        entry: CloudConfigEntry = self.config_entry
        return entry

    @property
    def coordinator(self) -> CloudCoordinator:
        """What the loaded account lists; raises as `account` does."""
        return self.account.runtime_data.coordinator

    @property
    def adjustments(self) -> Adjustments:
        """What the user has said about single variables."""
        return adjustments(self.config_entry.options)
