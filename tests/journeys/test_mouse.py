"""A whole assessment in Thai, by mouse: from the first visit to a certificate that others verify."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.api.people import SECRET
from tests.journeys.conftest import Visit
from tests.journeys.pages import (
    act_and_arrive,
    answer,
    answer_section,
    button,
    fill_registration,
    key,
    option,
    press,
    state,
    stem,
    word,
    wrong,
)
from tests.journeys.server import Server

pytestmark = pytest.mark.browser

NAME = "นางสาวน้ำผึ้ง กตัญญูที่ปู่ย่า"


def th(name: str) -> str:
    return word("th", name)


def test_a_person_registers_rehearses_sits_and_proves_it(
    visit: Visit, server: Server, tmp_path: Path
):
    page = visit("/")
    press(page, "site.register")
    fill_registration(page, "namphueng.mouse")
    press(page, "register.submit")

    expect(page.get_by_role("heading", level=1)).to_have_text(th("offer.title"))
    assert page.locator("input[name=skill_set]:checked").evaluate_all(
        "chosen => chosen.map(each => each.value)"
    ) == ["DLit", "DG"]
    press(page, "offer.submit")
    expect(page.get_by_text(th("privacy.use"))).to_be_visible()

    press(page, "before.rehearse")
    for _ in range(3):
        option(page, "a").click()
        press(page, "question.answer")
        press(page, "question.confirm")
    press(page, "rehearsal.end_button")
    press(page, "before.start")

    _change_a_choice_before_confirming_it(page)
    _reload_in_mid_exam(page)
    answer_section(page)
    assert state(page) == "between"
    press(page, "between.start")
    answer(page, wrong(page))

    page = _come_back_with_another_browser(visit, page)
    answer_section(page)

    assert state(page) == "result"
    assert page.locator(".result-band").count() == 2
    _take_documents_home(page, server, tmp_path)
    _be_verified_by_anyone(visit, page)


def _change_a_choice_before_confirming_it(page: Page) -> None:
    """What was chosen first does not stick: the answer that counts is the one that is confirmed."""
    press(page, "between.start")
    asked = stem(page)
    option(page, wrong(page)).click()
    press(page, "question.answer")
    expect(page.locator(".chosen")).to_have_count(1)
    press(page, "question.change")
    assert stem(page) == asked
    expect(option(page, wrong(page)).locator("input")).to_be_checked()
    right = key(page)
    option(page, right).click()
    press(page, "question.answer")
    assert page.locator("input[name=answer]").input_value() == right
    press(page, "question.confirm")
    assert stem(page) != asked


def _reload_in_mid_exam(page: Page) -> None:
    answer(page, key(page))
    asked, number = stem(page), page.locator("h1").inner_text()
    act_and_arrive(page, page.reload)
    assert (stem(page), page.locator("h1").inner_text()) == (asked, number)
    option(page, "b").click()
    press(page, "question.answer")
    act_and_arrive(page, page.reload)
    assert (stem(page), state(page)) == (asked, "confirming")
    press(page, "question.change")


def _come_back_with_another_browser(visit: Visit, page: Page) -> Page:
    asked, address = stem(page), page.url
    page.context.close()
    again = visit(address)
    expect(again.get_by_text(th("login.kept"))).to_be_visible()
    again.locator("#username").fill("namphueng.mouse")
    again.locator("#password").fill(SECRET)
    act_and_arrive(again, again.locator("main button[type=submit]").click)
    assert stem(again) == asked
    return again


def _take_documents_home(page: Page, server: Server, folder: Path) -> None:
    pdf = _download(page, th("result.pdf"), folder)
    assert pdf.read_bytes().startswith(b"%PDF-")
    statement = _download(page, th("result.statement"), folder)
    assert statement.read_bytes().startswith(b"%PDF-")
    credential = _download(page, th("result.credential"), folder)
    verdict = server.json_of("verify", str(credential))
    assert verdict["number"] == pdf.stem
    assert (verdict["signature"], verdict["status"]) == ("valid", "active")
    assert verdict["specimen"] is True


def _download(page: Page, words: str, folder: Path) -> Path:
    with page.expect_download() as started:
        button(page, words).first.click()
    path = folder / started.value.suggested_filename
    started.value.save_as(path)
    return path


def _be_verified_by_anyone(visit: Visit, page: Page) -> None:
    number = page.locator("a[href^='/verify/']").first.get_attribute("href").rpartition("/")[2]
    stranger = visit("/verify")
    stranger.locator("#number").fill(number)
    press(stranger, "verify.submit_number")
    assert re.search(r"/verify/[^/]+$", stranger.url)
    expect(stranger.locator(".outcome")).to_have_text(th("verify.valid_specimen"))
    expect(stranger.get_by_text(number)).to_be_visible()
    expect(stranger.get_by_text(NAME)).to_be_visible()
