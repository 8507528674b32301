"""Arduino's published Python clients against the simulated cloud."""
