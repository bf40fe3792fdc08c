"""Pages of reports: they stand alone, say what they hold, and come out the same each time."""

from __future__ import annotations

import re
from base64 import b64decode

import numpy as np
import pytest
from markupsafe import Markup

from calibration.report import drawing
from calibration.report.page import (
    LARGEST_ATTACHMENT,
    Attachment,
    Column,
    downloads,
    facts,
    figure,
    page,
    paragraph,
    section,
    table,
)
from tests.calibration.pages import Reader


def curve(name: str, text: str = "ความสามารถ") -> Markup:
    with drawing.plot(3.0, 2.0) as (figure, axes):
        x = np.linspace(-3.0, 3.0, 31)
        axes.plot(x, 1.0 / (1.0 + np.exp(-x)), color=drawing.SERIES[0])
        axes.fill_between(x, 0.2, 0.4, color=drawing.SERIES[1], alpha=0.3)
        axes.set_xlabel(text)
        return drawing.svg(figure, name=name, description="โค้งของข้อ <1> & 2")


def whole() -> str:
    rows = [["ข้อ1", "0.50"], ["<b>ข้อ2</b>", "1.25"]]
    columns = [Column(heading="ข้อ"), Column(heading="a", numbers=True)]
    return page(
        "รายงาน & <ผล>",
        "th",
        section("สรุป", paragraph("1 < 2"), facts([("ข้อ", "32")])),
        section("ข้อสอบ", table(columns, rows, label="พารามิเตอร์")),
        section("รูป", figure(curve("one"), "ดูที่นี่"), figure(curve("two"), "ดูที่นั่น")),
    )


def test_a_page_asks_nothing_of_anyone_else():
    text = whole()
    outside = re.findall(r'(?:src|href)="([^"#][^"]*)"|url\("?([^")#][^")]*)', text)
    addresses = [one or two for one, two in outside]
    assert addresses  # the font at least
    assert all(address.startswith("data:") for address in addresses)
    assert "<script" not in text


def test_a_page_is_well_formed_and_has_each_id_once():
    reader = Reader(whole())
    ids = [attributes["id"] for _, attributes in reader.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    inner = re.findall(r'url\(#([^)]+)\)|(?:href|labelledby)="#?([^"]+)"', whole())
    assert {one or two for one, two in inner} <= set(ids)


def test_what_comes_from_data_is_text_and_never_markup():
    text = whole()
    assert "<b>" not in text
    assert "&lt;b&gt;ข้อ2&lt;/b&gt;" in text
    assert "<title>รายงาน &amp; &lt;ผล&gt;</title>" in text


def test_readers_aids_find_language_headings_and_names():
    reader = Reader(whole())
    assert reader.named("html")[0]["lang"] == "th"
    assert [tag for tag, _ in reader.elements if re.fullmatch("h[1-6]", tag)] == [
        "h1",
        *["h2"] * 3,
    ]
    assert [each["scope"] for each in reader.named("th")] == ["col", "col", "row", "row"]
    assert reader.named("svg")[0]["aria-label"] == "โค้งของข้อ <1> & 2"
    assert all(each["role"] == "img" for each in reader.named("svg"))


def test_text_of_drawings_stays_text_and_follows_the_colours_of_the_page():
    drawn = curve("one")
    assert re.search(r"<text[^>]*Sarabun[^>]*>ความสามารถ</text>", drawn)
    assert "var(--series-1)" in drawn
    assert "var(--figure-ink)" in drawn
    assert not set(re.findall(r"#[0-9a-f]{6}\b", drawn)) & set(drawing.VARIABLES)


def test_the_same_pieces_give_the_same_bytes():
    assert whole() == whole()


def test_a_dollar_in_a_name_is_no_mathematics():
    assert ">$x$ costs 5$<" in curve("one", "$x$ costs 5$")


@pytest.mark.parametrize("language", ["th", "en"])
def test_a_download_holds_the_file_unless_it_is_large(language):
    small = Attachment(name="ข้อ.csv", content="ก,1\n".encode(), about="CSV")
    link = Reader(str(downloads([small], language))).named("a")[0]
    assert link["download"] == "ข้อ.csv"
    assert b64decode((link["href"] or "").partition("base64,")[2]).decode() == "ก,1\n"
    large = Attachment(name="big.csv", content=b"0" * (LARGEST_ATTACHMENT + 1), about="CSV")
    told = downloads([large], language)
    assert not Reader(str(told)).named("a")
    assert "big.csv" in told
