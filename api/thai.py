"""How Thai readers see numbers, dates and hours; used only at the edge, since inside all is UTC.

Thailand has kept UTC+7 without summer time since 1920, so Bangkok is a fixed offset here and needs
no time-zone database. The Buddhist era (พ.ศ.) is the Common Era plus 543 years.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone

BANGKOK = timezone(timedelta(hours=7), "Asia/Bangkok")
BUDDHIST_ERA = 543
"""Years between the Common Era and the Buddhist era (since the calendar reform of B.E. 2484)."""

THAI_MONTHS = (
    "มกราคม",
    "กุมภาพันธ์",
    "มีนาคม",
    "เมษายน",
    "พฤษภาคม",
    "มิถุนายน",
    "กรกฎาคม",
    "สิงหาคม",
    "กันยายน",
    "ตุลาคม",
    "พฤศจิกายน",
    "ธันวาคม",
)
THAI_MONTHS_SHORT = (
    "ม.ค.",
    "ก.พ.",
    "มี.ค.",
    "เม.ย.",
    "พ.ค.",
    "มิ.ย.",
    "ก.ค.",
    "ส.ค.",
    "ก.ย.",
    "ต.ค.",
    "พ.ย.",
    "ธ.ค.",
)
ENGLISH_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)

_TO_THAI = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")
_TO_ARABIC = str.maketrans("๐๑๒๓๔๕๖๗๘๙", "0123456789")


def thai_digits(value: object) -> str:
    """Text with its Arabic digits replaced by Thai ones; a number is written out first."""
    return str(value).translate(_TO_THAI)


def arabic_digits(text: str) -> str:
    """Text with its Thai digits replaced by Arabic ones; all else is left as it is."""
    return text.translate(_TO_ARABIC)


def thai_date(day: date) -> str:
    """A date in words, as on a Thai document: `๒๒ พฤศจิกายน พ.ศ. ๒๕๖๙`.

    A moment (`datetime`) is read in Bangkok.
    """
    day = bangkok_date(day)
    return thai_digits(f"{day.day} {THAI_MONTHS[day.month - 1]} พ.ศ. {buddhist_year(day)}")


def thai_date_short(day: date) -> str:
    """A date for a narrow column: `๒๒ พ.ย. ๒๕๖๙`; a moment is read in Bangkok."""
    day = bangkok_date(day)
    return thai_digits(f"{day.day} {THAI_MONTHS_SHORT[day.month - 1]} {buddhist_year(day)}")


def english_date(day: date) -> str:
    """A date in English words: `22 November 2026`; a moment is read in Bangkok."""
    day = bangkok_date(day)
    return f"{day.day} {ENGLISH_MONTHS[day.month - 1]} {day.year}"


def thai_time(moment: datetime) -> str:
    """The hour in Bangkok, as Thai offices write it: `๑๔.๐๕ น.`."""
    return thai_digits(f"{in_bangkok(moment):%H.%M} น.")


def english_time(moment: datetime) -> str:
    """The hour in Bangkok on the 24-hour clock: `14:05`."""
    return f"{in_bangkok(moment):%H:%M}"


def buddhist_year(day: date) -> int:
    """The year of the Buddhist era, 2569 for 2026; a moment is read in Bangkok."""
    return bangkok_date(day).year + BUDDHIST_ERA


def in_bangkok(moment: datetime) -> datetime:
    """The same moment on a clock in Bangkok.

    Raises
    ------
    ValueError
        When the moment names no time zone: guessing one moves a date by a day.
    """
    if moment.tzinfo is None:
        raise ValueError(f"a moment needs its time zone, got {moment.isoformat()}")
    return moment.astimezone(BANGKOK)


def bangkok_date(day: date) -> date:
    """The calendar day in Bangkok: a date is itself, a moment is the day it falls on there."""
    return in_bangkok(day).date() if isinstance(day, datetime) else day


def end_of_day(day: date) -> datetime:
    """The last second, 23:59:59 in Bangkok, of a day; in UTC."""
    return datetime.combine(bangkok_date(day), time(23, 59, 59), BANGKOK).astimezone(UTC)


def end_of_validity(issued_at: date, years: int) -> datetime:
    """When a validity of some years ends: the anniversary, 23:59:59 in Bangkok; in UTC.

    The day of issue is not counted, and where the last month lacks the day, its last day ends the
    period (Thai Civil and Commercial Code, sections 193/3 and 193/5).
    """
    return end_of_day(add_years(bangkok_date(issued_at), years))


def add_years(day: date, years: int) -> date:
    """The same day of another year; 29 February becomes 28 February where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
