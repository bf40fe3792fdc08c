"""Secrets: how passwords and tokens are made, kept and checked."""
