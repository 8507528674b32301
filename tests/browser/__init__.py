"""A real browser in a real Home Assistant, connected to the simulated clouds."""
