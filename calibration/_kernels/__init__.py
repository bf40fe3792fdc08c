"""Compiled loops of calibration; each has a readable twin in numpy that tests compare it with."""
