"""Feeds every decoder what nobody should send, and looks at what becomes of it."""
