"""Thai dates, digits and hours at the edge."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.thai import (
    BANGKOK,
    add_years,
    arabic_digits,
    bangkok_date,
    buddhist_year,
    end_of_day,
    end_of_validity,
    english_date,
    english_time,
    in_bangkok,
    thai_date,
    thai_date_short,
    thai_digits,
    thai_time,
)


def test_a_date_is_written_in_the_buddhist_era_with_thai_digits() -> None:
    # The date as domain/README.md prints it for a certificate.
    assert thai_date(date(2026, 11, 22)) == "๒๒ พฤศจิกายน พ.ศ. ๒๕๖๙"
    assert english_date(date(2026, 11, 22)) == "22 November 2026"
    assert thai_date_short(date(2026, 11, 22)) == "๒๒ พ.ย. ๒๕๖๙"


def test_the_cabinet_resolution_of_the_source_falls_in_2560() -> None:
    # 26 September 2017, the resolution that circular นร ๐๕๐๕/ว ๔๔๓ reports.
    assert thai_date(date(2017, 9, 26)) == "๒๖ กันยายน พ.ศ. ๒๕๖๐"


def test_every_month_has_its_own_name() -> None:
    days = [date(2026, month, 1) for month in range(1, 13)]
    assert len({thai_date(day) for day in days}) == 12
    assert len({thai_date_short(day) for day in days}) == 12
    assert [english_date(day) for day in days] == [f"{day.day} {day:%B %Y}" for day in days]


def test_the_year_turns_at_midnight_in_bangkok() -> None:
    last = datetime(2026, 12, 31, 16, 59, 59, tzinfo=UTC)
    assert (buddhist_year(last), thai_date(last)) == (2569, "๓๑ ธันวาคม พ.ศ. ๒๕๖๙")
    first = last + timedelta(seconds=1)
    assert (buddhist_year(first), english_date(first)) == (2570, "1 January 2027")


def test_hours_are_those_of_bangkok() -> None:
    moment = datetime(2026, 11, 22, 7, 5, tzinfo=UTC)
    assert thai_time(moment) == "๑๔.๐๕ น."
    assert english_time(moment) == "14:05"


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        in_bangkok(datetime(2026, 11, 22, 7, 5))
    with pytest.raises(ValueError, match="time zone"):
        thai_date(datetime(2026, 11, 22, 7, 5))


@given(st.text())
def test_digits_come_back_from_thai(text: str) -> None:
    assert arabic_digits(thai_digits(arabic_digits(text))) == arabic_digits(text)


def test_digits_are_read_wherever_they_stand() -> None:
    assert arabic_digits("เลขที่ ๑๒๓-456-๗๘๙๐") == "เลขที่ 123-456-7890"
    assert thai_digits(2569) == "๒๕๖๙"


def test_a_day_ends_one_second_before_the_next_begins_in_bangkok() -> None:
    end = end_of_day(date(2029, 11, 22))
    assert end == datetime(2029, 11, 22, 16, 59, 59, tzinfo=UTC)
    assert end.utcoffset() == timedelta(0)
    assert bangkok_date(end) == date(2029, 11, 22)
    assert bangkok_date(end + timedelta(seconds=1)) == date(2029, 11, 23)


def test_validity_ends_on_the_anniversary_of_the_day_in_bangkok() -> None:
    late_evening_utc = datetime(2026, 11, 21, 18, 0, tzinfo=UTC)  # the 22nd in Bangkok
    assert end_of_validity(late_evening_utc, 3) == datetime(2029, 11, 22, 16, 59, 59, tzinfo=UTC)


def test_the_leap_day_has_an_anniversary_in_every_year() -> None:
    leap = date(2028, 2, 29)
    assert add_years(leap, 3) == date(2031, 2, 28)
    assert add_years(leap, 4) == date(2032, 2, 29)
    assert end_of_validity(leap, 3) == datetime(2031, 2, 28, 16, 59, 59, tzinfo=UTC)


@given(st.dates(date(1900, 1, 1), date(2200, 1, 1)), st.integers(0, 50))
def test_years_are_added_without_moving_the_day(day: date, years: int) -> None:
    moved = add_years(day, years)
    assert moved.year == day.year + years
    assert (moved.month, moved.day) == (day.month, day.day) or (day.month, day.day) == (2, 29)


@given(st.datetimes(timezones=st.just(UTC)))
def test_bangkok_is_seven_hours_ahead(moment: datetime) -> None:
    try:
        there = in_bangkok(moment)
    except OverflowError:
        return  # the last hours of the year 9999
    assert there == moment
    assert there.replace(tzinfo=UTC) - moment == timedelta(hours=7)
    assert there.tzinfo is BANGKOK
