"""What readers of Thai and of English see of dates, levels and each other's words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from api.web.formats import both_days, marked, minutes_left, numeral, translated
from itembank.text import Text

NOON = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)


def test_foreign_runs_are_marked_with_their_language():
    assert marked("ไฟล์ PDF ฉบับจริง", "th") == 'ไฟล์ <span lang="en">PDF</span> ฉบับจริง'
    assert marked("Say สวัสดี ครับ twice", "en") == 'Say <span lang="th">สวัสดี ครับ</span> twice'
    assert marked("ไทยล้วน ๑๒๓", "th") == "ไทยล้วน ๑๒๓"


def test_marking_leaves_no_tag_of_the_text_alive():
    for language in ("th", "en"):
        assert "<b" not in marked('ก<b onclick="x">ข</b>', language)
        assert "<script" not in marked("<script>alert(1)</script>", language)


def test_a_date_stands_in_both_eras_the_readers_first():
    assert both_days(NOON, "th") == "๒๒ พฤศจิกายน พ.ศ. ๒๕๖๙ (22 November 2026)"
    assert both_days(NOON, "en") == "22 November 2026 (๒๒ พฤศจิกายน พ.ศ. ๒๕๖๙)"


def test_levels_have_thai_digits_for_thai_readers():
    assert numeral(3, "th") == "๓"
    assert numeral(3, "en") == "3"


def test_a_begun_minute_counts_but_not_the_last():
    assert minutes_left(NOON, NOON + timedelta(minutes=20)) == 20
    assert minutes_left(NOON, NOON + timedelta(minutes=19, seconds=1)) == 20
    assert minutes_left(NOON, NOON + timedelta(minutes=1)) == 1
    assert minutes_left(NOON, NOON + timedelta(seconds=59)) == 0
    assert minutes_left(NOON, NOON - timedelta(seconds=1)) == 0


def test_a_pinned_text_is_translated_only_while_it_is_still_the_same():
    known = Text(th="รู้", en="knows")
    assert translated("รู้", known, "en") == "knows"
    assert translated("รู้แล้ว", known, "en") == "รู้แล้ว"
