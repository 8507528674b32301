"""The clouds that accounts can be connected to."""
