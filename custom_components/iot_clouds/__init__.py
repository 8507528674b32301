"""Devices of Arduino Cloud, Particle and iottly accounts."""
