"""LSAT section 6: how many of 1,000 persons gave each pattern (Bock & Lieberman, 1970)."""

COUNTS = (
    *(3, 6, 2, 11, 1, 1, 3, 4, 1, 8, 16, 3, 2, 15, 10, 29),
    *(14, 81, 3, 28, 15, 80, 16, 56, 21, 173, 11, 61, 28, 298),
)
"""Of the 30 patterns that occur, in ascending order."""
