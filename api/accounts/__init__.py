"""Accounts: who somebody is, and proof of it."""
