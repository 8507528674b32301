"""Simulated device clouds on loopback, for the demo, the tests and people without hardware."""
