"""The demo: three simulated clouds and a real Home Assistant, on this machine alone."""
