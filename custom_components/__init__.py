"""Custom integrations, as Home Assistant lays them out."""
