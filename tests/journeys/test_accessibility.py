"""Every page a person can reach, in both languages, light and dark: no fault that axe-core knows.

axe-core checks what a program can of WCAG 2.2 A and AA and of good practice. Pages also fit a screen
320 px wide (WCAG 2.2, 1.4.10 Reflow).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Response

from tests.api.people import Candidate, Service, always_right, log_in
from tests.journeys.conftest import Visit
from tests.journeys.pages import DESKTOP, act_and_arrive, option, press

pytestmark = pytest.mark.browser

NARROWEST = {"width": 320, "height": 640}
EVERYTHING = {"resultTypes": ["violations", "incomplete"]}
IN_THE_DARK = {
    **EVERYTHING,
    "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
}
"""What can differ between light and dark; the rest of a page is the same."""


@dataclass
class Inspection:
    """Looks at pages and keeps what is wrong with them, so that one run tells everything."""

    language: str
    findings: list[str] = field(default_factory=list)
    titles: dict[str, str] = field(default_factory=dict)

    def look(self, page: Page, name: str) -> None:
        """Examine the page that is shown, under a name of ours."""
        self._fits(page, name)
        self._has_its_own_title(page, name)
        self._judge(name, Axe().run(page, options=EVERYTHING).response)
        page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        self._judge(f"{name} (dark)", page.evaluate("options => axe.run(options)", IN_THE_DARK))
        page.emulate_media(color_scheme="light", reduced_motion="reduce")

    def _judge(self, name: str, found: dict[str, Any]) -> None:
        unsure = [each for each in found["incomplete"] if each["id"] == "color-contrast"]
        for fault in found["violations"] + unsure:
            places = [f"{node['target']} {node['failureSummary']}" for node in fault["nodes"]]
            self.findings.append(f"{name}: {fault['id']} ({fault['impact']}) {places}")

    def _fits(self, page: Page, name: str) -> None:
        page.set_viewport_size(NARROWEST)
        wide = page.evaluate("document.documentElement.scrollWidth")
        page.set_viewport_size(DESKTOP)
        if wide > NARROWEST["width"]:
            self.findings.append(f"{name}: {wide} px wide on a narrow screen")

    def _has_its_own_title(self, page: Page, name: str) -> None:
        spoken = page.locator("html").get_attribute("lang")
        if spoken != self.language:
            self.findings.append(f"{name}: it is in {spoken}")
        if page.locator("h1").count() != 1:
            self.findings.append(f"{name}: it has {page.locator('h1').count()} main headings")
        self.titles[name] = page.title()


@pytest.fixture(params=["th", "en"])
def inspection(request: pytest.FixtureRequest) -> Inspection:
    return Inspection(request.param)


def test_the_inspection_finds_what_is_wrong(visit: Visit):
    """Faults that we put into a good page are found: one for all, one of the dark, one of width."""
    page = visit("/about")
    inspection = Inspection("th")
    inspection.look(page, "as it is")
    assert inspection.findings == []
    page.evaluate("""() => {
      const main = document.getElementById("content");
      main.insertAdjacentHTML("beforeend", "<img src='/static/icon.svg'><p id='dim'>dim</p>");
      main.lastElementChild.style.setProperty("color", "light-dark(black, #333)");
      main.lastElementChild.style.setProperty("width", "30rem");
    }""")
    inspection.look(page, "spoilt")
    wide, picture, dim = inspection.findings
    assert wide.endswith("px wide on a narrow screen")
    assert picture.startswith("spoilt: image-alt (critical)")
    assert dim.startswith("spoilt (dark): color-contrast (serious)")


def test_pages_for_everyone(visit: Visit, inspection: Inspection, people: Service):
    page = visit("/", language=inspection.language)
    for path in ("/", "/login", "/register", "/verify", "/notice", "/about"):
        _open(page, path, 200)
        inspection.look(page, path)
    assert len(set(inspection.titles.values())) == len(inspection.titles)

    _open(page, "/nowhere", 404)
    inspection.look(page, "no such page")
    _open(page, "/my", 200)
    inspection.look(page, "log in first")
    _open(page, f"/exam/{uuid4()}", 200)
    inspection.look(page, "log in to go on with an exam")
    _log_in_in_vain(page, inspection)
    _open(page, "/register", 200)
    press(page, "register.submit", inspection.language)
    inspection.look(page, "registration with faults")
    _verify_in_vain(page, inspection)
    assert inspection.findings == []


def test_pages_of_a_candidate(visit: Visit, inspection: Inspection, somebody: Candidate):
    language = inspection.language
    page = visit("/", language=language, person=somebody)
    inspection.look(page, "home of a candidate")
    _open(page, "/my", 200)
    inspection.look(page, "nothing of one's own yet")
    _open(page, "/exam", 200)
    inspection.look(page, "offer")
    _open(page, "/exam/notice", 422)
    inspection.look(page, "nothing chosen")
    _open(page, f"/exam/notice?skill_set=DLit&skill_set=DG&language={language}", 200)
    inspection.look(page, "before an exam")
    _rehearse(page, inspection)
    _sit(page, inspection, somebody)
    for path, status in (("/agency", 403), (f"/exam/{uuid4()}", 404), ("/exam/nothing", 404)):
        _open(page, path, status)
        inspection.look(page, path)
    press_log_out = page.locator("form[action='/logout'] button")
    _open(page, "/my", 200)
    act_and_arrive(page, press_log_out.click)
    inspection.look(page, "logged out")
    assert inspection.findings == []


def test_pages_after_an_exam(visit: Visit, inspection: Inspection, somebody: Candidate):
    session = somebody.start("DLit", "DG")
    certificate = somebody.finish(session, always_right())["sections"][0]["certificate"]
    page = visit(f"/exam/{session}/result", language=inspection.language, person=somebody)
    inspection.look(page, "result")
    _open(page, "/my", 200)
    inspection.look(page, "one's own")
    _open(page, f"/verify/{certificate['number']}", 200)
    inspection.look(page, "a certificate verified")
    without = somebody.start("DTr")
    somebody.post(f"/sessions/{without}/end")
    _open(page, f"/exam/{without}/result", 200)
    inspection.look(page, "no result")
    _open(page, "/exam", 200)
    inspection.look(page, "offer after an exam")
    assert inspection.findings == []


def test_pages_of_staff_and_agencies(
    visit: Visit, inspection: Inspection, somebody: Candidate, people: Service
):
    session = somebody.start("DLit")
    number = somebody.finish(session, always_right())["sections"][0]["certificate"]["number"]
    for role in ("author", "proctor", "psychometrician", "officer", "administrator"):
        staff = log_in(people.client, f"{role}.demo")
        page = visit("/staff", language=inspection.language, person=staff)
        inspection.look(page, f"staff page of {role}")
        if role == "psychometrician":
            _open(page, f"/staff/sessions/{session}", 200)
            inspection.look(page, "log")
            _open(page, "/staff?session=1", 422)
            inspection.look(page, "wrong id of a session")
            _open(page, f"/staff/sessions/{uuid4()}", 404)
            inspection.look(page, "no such session")
        if role == "officer":
            _see_results(page, inspection)
        if role == "administrator":
            _revoke(page, inspection, number)
    assert inspection.findings == []


def _open(page: Page, path: str, status: int) -> None:
    reply: Response | None = page.goto(path)
    assert reply is not None
    assert reply.status == status, f"{path}: {reply.status}"


def _log_in_in_vain(page: Page, inspection: Inspection) -> None:
    _open(page, "/login", 200)
    for _ in range(12):
        page.locator("#username").fill(f"nobody.{inspection.language}")
        page.locator("#password").fill("not the password")
        press(page, "login.submit", inspection.language)
        shown = page.locator(".error-summary").inner_text()
        if shown not in inspection.titles:
            inspection.look(page, shown)
    assert len([name for name in inspection.titles if name == shown]) == 1


def _verify_in_vain(page: Page, inspection: Inspection) -> None:
    for number in ("", "12", "DEMO-DLIT-2569-000000-0"):
        page.goto(f"/verify?number={number}")
        inspection.look(page, f"verify {number!r}")
    _open(page, "/verify", 200)
    wrong = {"name": "certificate.jwt", "mimeType": "text/plain", "buffer": b"not.a.certificate"}
    page.locator("#file").set_input_files(wrong)
    press(page, "verify.submit_file", inspection.language)
    inspection.look(page, "a file that cannot be verified")


def _rehearse(page: Page, inspection: Inspection) -> None:
    language = inspection.language
    press(page, "before.rehearse", language)
    inspection.look(page, "rehearsal")
    page.goto("/exam/rehearsal?number=1&asked=1")
    inspection.look(page, "rehearsal without a choice")
    page.goto("/exam/rehearsal?number=1&asked=1&choice=a")
    inspection.look(page, "rehearsal, confirming")
    page.goto("/exam/rehearsal?number=4")
    inspection.look(page, "end of the rehearsal")


def _sit(page: Page, inspection: Inspection, somebody: Candidate) -> None:
    language = inspection.language
    session = somebody.start(language=language)
    _open(page, "/exam", 200)
    inspection.look(page, "an exam is open")
    _open(page, "/my", 200)
    inspection.look(page, "one's own open exam")
    _open(page, f"/exam/{session}", 200)
    inspection.look(page, "before the first section")
    press(page, "between.start", language)
    inspection.look(page, "question")
    _open(page, f"/exam/{session}?sequence=1", 422)
    inspection.look(page, "question without a choice")
    option(page, "c").click()
    press(page, "question.answer", language)
    inspection.look(page, "confirming")
    item = somebody.get(f"/sessions/{session}").json()["item"]
    somebody.answer(session, item, "a")
    press(page, "question.confirm", language)
    inspection.look(page, "answered in another window")
    press(page, "error.to_exam_session", language)
    page.locator("details.exam-help summary").click()
    inspection.look(page, "question with help")
    press(page, "question.end", language)
    inspection.look(page, "ending early")
    _finish_section(somebody, session)
    _open(page, f"/exam/{session}?time_over=1", 200)
    inspection.look(page, "between two sections")
    somebody.post(f"/sessions/{session}/end")


def _finish_section(somebody: Candidate, session: str) -> None:
    item, choose = somebody.get(f"/sessions/{session}").json()["item"], always_right()
    while item is not None:
        item = somebody.answer(session, item, choose(item)).json()["next_item"]


def _see_results(page: Page, inspection: Inspection) -> None:
    _open(page, "/agency", 200)
    inspection.look(page, "purpose of an agency")
    page.locator("input[value=reporting]").click()
    press(page, "agency.show", inspection.language)
    inspection.look(page, "results of an agency")


def _revoke(page: Page, inspection: Inspection, number: str) -> None:
    _open(page, "/staff", 200)
    page.locator("#number").fill(number)
    page.locator("#reason").fill("ที่")
    press(page, "staff.revoke_submit", inspection.language)
    inspection.look(page, "revoking without a reason")
    page.locator("#reason").fill("ออกโดยผิดพลาด")
    press(page, "staff.revoke_submit", inspection.language)
    inspection.look(page, "confirming a revocation")
    press(page, "staff.revoke_confirm", inspection.language)
    inspection.look(page, "revoked")
    _open(page, f"/verify/{number}", 200)
    inspection.look(page, "a revoked certificate verified")
