"""How numbers are written for people."""

from __future__ import annotations

from math import isfinite

MINUS, NONE = "\N{MINUS SIGN}", "\N{EN DASH}"


def decimal(value: float | None, digits: int = 2) -> str:
    """Write a number with so many decimals and a true minus; a dash where there is none."""
    if value is None or not isfinite(value):
        return NONE
    text = f"{value:,.{digits}f}"
    # A number that is rounded to nothing has no sign.
    return text.removeprefix("-") if not float(text.replace(",", "")) else text.replace("-", MINUS)


def whole(value: float) -> str:
    """Write a count; of weighted persons, with a decimal where they are no whole number."""
    rounded = round(value)
    return f"{rounded:,}" if abs(value - rounded) < 1e-6 * max(1.0, abs(value)) else f"{value:,.1f}"


def share(value: float) -> str:
    """Write a proportion as a percentage."""
    return f"{100.0 * value:.1f} %"


def with_error(value: float | None, error: float | None, digits: int = 2) -> str:
    """Write a number and, in brackets, its standard error."""
    if value is None:
        return ""
    if error is None or not isfinite(error):
        return decimal(value, digits)
    return f"{decimal(value, digits)} ({decimal(error, digits)})"


def small(value: float) -> str:
    """Write a distance to two significant digits, without an exponent and on one line."""
    if not isfinite(value):
        return NONE
    if value < 0.0001:
        return "<\N{NO-BREAK SPACE}0.0001"
    return f"{value:.2g}" if value < 10 else f"{value:,.0f}"
