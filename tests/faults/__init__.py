"""What the integration survives: every fault at every place where a cloud is used."""
