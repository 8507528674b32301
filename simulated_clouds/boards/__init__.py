"""The boards of the invented household, cloud by cloud."""
