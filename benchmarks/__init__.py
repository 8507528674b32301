"""What the integration costs, side by side with Home Assistant's own."""
