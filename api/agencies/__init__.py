"""Agencies: results of their own people, and of nobody else's."""
