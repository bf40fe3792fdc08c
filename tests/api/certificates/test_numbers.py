"""Certificate numbers and their check digits."""

import secrets
import string
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.certificates.numbers import check_digits, draw_number, is_checked, normalise
from api.thai import thai_digits

NUMBER = "SP-2569-4831-7265-30"
ISSUED = datetime(2026, 11, 22, 4, 5, tzinfo=UTC)


def test_the_example_of_the_standard() -> None:
    # ISO/IEC 7064:2003, MOD 97-10: the string 794 has the check digits 44.
    assert check_digits("794") == "44"
    assert is_checked("79444")


@pytest.mark.parametrize(
    "code",
    [
        "5493001KJTIIGC8Y1R12",  # a legal entity identifier (ISO 17442)
        "969500KSV493XWY0PS33",  # another, an example of the crate iso7064
        "WEST12345698765432GB82",  # IBAN GB82 WEST..., ISO 13616's example, its head moved last
    ],
)
def test_letters_count_as_in_published_codes(code: str) -> None:
    assert is_checked(code)
    assert check_digits(code[:-2]) == code[-2:]


def test_a_number_has_prefix_year_and_random_digits() -> None:
    assert draw_number("SP", ISSUED, lambda below: 48317265) == NUMBER
    new_year_in_bangkok = datetime(2026, 12, 31, 17, 0, tzinfo=UTC)
    assert draw_number("SP", new_year_in_bangkok, lambda below: 0).startswith("SP-2570-0000-0000-")


def test_all_eight_digits_are_random() -> None:
    asked: list[int] = []
    draw_number("SP", ISSUED, lambda below: asked.append(below) or 0)
    assert asked == [10**8]


@pytest.mark.parametrize("prefix", ["", "S1", "sp", "ก", "TOOLONGER", "A-B"])
def test_a_prefix_is_letters(prefix: str) -> None:
    with pytest.raises(ValueError, match="prefix"):
        draw_number(prefix, ISSUED, secrets.randbelow)


@given(st.text(string.ascii_uppercase, min_size=1, max_size=6), st.integers(0, 10**8 - 1))
def test_a_drawn_number_reads_as_itself(prefix: str, digits: int) -> None:
    number = draw_number(prefix, ISSUED, lambda below: digits)
    for typed in (number, number.lower(), number.replace("-", ""), thai_digits(number)):
        reading = normalise(typed)
        assert (reading.number, reading.problem) == (number, None)


@pytest.mark.parametrize(
    "typed",
    [
        "  sp 2569 4831 7265 30\n",
        "SP–2569–4831–7265–30",
        "SP๒๕๖๙๔๘๓๑๗๒๖๕๓๐",
        "sp-2569-4831-7265-๓๐",
        "ＳＰ２５６９４８３１７２６５３０",
        "SP.2569.4831.7265.30",
        "S\u200bP25694831726530",
    ],
)
def test_a_number_is_read_as_people_type_it(typed: str) -> None:
    assert normalise(typed).number == NUMBER
    assert normalise(typed).problem is None


@pytest.mark.parametrize(
    "typed", ["", "   ", "hello", "SP-2569", NUMBER + "1", "2569-4831-7265-30", "1" * 10_000, "๛"]
)
def test_what_is_no_number_is_said_to_be_none(typed: str) -> None:
    assert normalise(typed).number is None
    assert normalise(typed).problem == "form"


def test_every_single_wrong_character_is_caught() -> None:
    compact = NUMBER.replace("-", "")
    for place, right in enumerate(compact):
        alphabet = string.ascii_uppercase if right.isalpha() else string.digits
        for wrong in alphabet.replace(right, ""):
            reading = normalise(compact[:place] + wrong + compact[place + 1 :])
            assert reading.problem == "check-digits", (place, wrong)


def test_every_swap_of_neighbours_is_caught() -> None:
    compact = NUMBER.replace("-", "")
    for place in range(len(compact) - 1):
        left, right = compact[place], compact[place + 1]
        if left != right:
            swapped = compact[:place] + right + left + compact[place + 2 :]
            assert normalise(swapped).problem is not None, place


def test_a_typing_error_is_shown_as_it_was_read() -> None:
    assert normalise("sp 2569 4831 7256 30").number == "SP-2569-4831-7256-30"
