"""An exam at a browser without script, page by page."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest
from sqlalchemy.exc import OperationalError

from api.bank.opening import demonstration_catalogue
from api.exams.service import Exams
from itembank import load_rehearsal
from tests.api.people import Service, log_in
from tests.api.web.unscripted import Browser

MANY = 100
"""More questions than any section has."""


def answer_section(browser: Browser, option: str = "b") -> int:
    """Open the next section and answer each question alike; how many there were."""
    browser.open_section()
    for number in range(MANY):
        if "choice" not in browser.form_names():
            return number
        browser.choose(option)
        browser.confirm()
    raise AssertionError("the section does not end")


def events(service: Service, session: str, kind: str) -> list[dict]:
    headers = log_in(service.client, "psychometrician.demo")
    log = service.client.get(f"/api/v1/sessions/{session}/log", headers=headers).json()
    return [event for event in log["events"] if event["kind"] == kind]


def test_what_the_role_requires_is_chosen_already(browser: Browser):
    """An early technology specialist; the requirements are the scheme's."""
    browser.register("somsri.test")
    catalogue = demonstration_catalogue().in_force()
    required = {each.skill_set for each in catalogue.scheme.requirements("technology/early")}
    form = browser.form("/exam/notice")
    assert set(form.fields["skill_set"]) == required
    assert len(form.choices["skill_set"]) == len(catalogue.framework.skill_sets)


def test_choosing_nothing_is_said_at_the_choice(browser: Browser):
    browser.register("somsri.test")
    reply = browser.send("/exam/notice", skill_set=[])
    assert reply.status_code == 422
    assert 'id="skill_set-error"' in reply.text


def test_a_whole_exam_needs_no_script(service: Service, browser: Browser):
    browser.register("somsri.test")
    path = browser.start("DLit", "DG")
    first = answer_section(browser)
    assert browser.path == path
    second = answer_section(browser)
    assert browser.path == f"{path}/result"
    assert first >= 8
    assert second >= 8
    assert len(events(service, path.split("/")[-1], "answered")) == first + second


def test_choosing_records_nothing_until_it_is_confirmed(service: Service, browser: Browser):
    browser.register("somsri.test")
    path = browser.start("DLit")
    session = path.split("/")[-1]
    browser.open_section()
    browser.choose("a")
    change = next(link for link in browser.reader.links if "change=1" in link)
    assert events(service, session, "answered") == []
    browser.get(change)
    assert browser.form(path).fields["choice"] == ["a"]
    browser.choose("c")
    browser.confirm()
    assert [event["answer"] for event in events(service, session, "answered")] == ["c"]


def test_an_answer_sent_twice_counts_once(service: Service, browser: Browser):
    browser.register("somsri.test")
    path = browser.start("DLit")
    browser.open_section()
    browser.choose("a")
    form = browser.form(f"{path}/answer")
    pages = [browser.client.post(form.action, data=form.fields).text for _ in range(2)]
    assert pages[0] == pages[1]
    assert len(events(service, path.split("/")[-1], "answered")) == 1


def test_another_answer_to_the_same_question_is_refused_and_says_that_answers_are_kept(
    browser: Browser,
):
    browser.register("somsri.test")
    path = browser.start("DLit")
    browser.open_section()
    browser.choose("a")
    fields = browser.form(f"{path}/answer").fields
    browser.confirm()
    reply = browser.client.post(f"{path}/answer", data={**fields, "answer": "b"})
    assert reply.status_code == 409
    body = reply.text.split("<main", 1)[1]
    assert body.index("ยังอยู่ครบ") < body.index("ยืนยันคำตอบไปแล้ว")
    assert f'href="{path}"' in body


def test_answering_without_a_choice_asks_for_one(browser: Browser):
    browser.register("somsri.test")
    path = browser.start("DLit")
    browser.open_section()
    reply = browser.client.get(path, params={"sequence": 1})
    assert reply.status_code == 422
    assert "กรุณาเลือกคำตอบ" in reply.text


@pytest.mark.parametrize("sequence", [2, 99])
def test_a_page_of_another_question_leads_to_the_open_one(browser: Browser, sequence: int):
    browser.register("somsri.test")
    path = browser.start("DLit")
    browser.open_section()
    reply = browser.client.get(
        path, params={"sequence": sequence, "choice": "a"}, follow_redirects=False
    )
    assert (reply.status_code, reply.headers["Location"]) == (303, path)


def test_pages_of_an_exam_speak_its_language_whatever_the_reader_chose(browser: Browser):
    browser.register("somsri.test")
    browser.start("DLit", language="en")
    assert browser.reader.attributes["lang"] == "en"
    browser.open_section()
    assert browser.reader.attributes["lang"] == "en"
    assert "/language" not in [form.action for form in browser.reader.forms]


def test_the_time_left_is_the_servers(service: Service, browser: Browser):
    browser.register("somsri.test")
    path = browser.start("DLit")
    browser.open_section()
    assert "เหลือ 20 นาที" in browser.text
    service.clock.advance(minutes=16)
    browser.get(path)
    assert "เหลือ 4 นาที" in browser.text
    service.clock.advance(minutes=3, seconds=30)
    browser.get(path)
    assert "เหลือไม่ถึง 1 นาที" in browser.text


def test_an_answer_after_the_time_is_refused_with_what_became_of_the_others(
    service: Service, browser: Browser
):
    browser.register("somsri.test")
    path = browser.start("DLit", "DG")
    browser.open_section()
    browser.choose("a")
    browser.confirm()
    browser.choose("b")
    service.clock.advance(minutes=21)
    reply = browser.confirm()
    assert reply.status_code == 409
    assert "ยังอยู่ครบ" in browser.text
    assert "หมดเวลา" in browser.text
    browser.get(path)
    assert f"{path}/section" in [form.action for form in browser.reader.forms]


def test_ending_early_names_what_is_lost_first(browser: Browser):
    browser.register("somsri.test")
    path = browser.start("DLit", "DG")
    answer_section(browser)
    browser.get(f"{path}/end")
    names = demonstration_catalogue().in_force().framework
    lost = browser.page.text.split("<main", 1)[1].split("</section>")[0]
    assert names.skill_set("DG").name.th in lost
    assert names.skill_set("DLit").name.th not in lost
    browser.send(f"{path}/end")
    assert browser.path == f"{path}/result"
    assert "ไม่มีผลการประเมิน" in browser.text


def test_no_page_during_an_exam_tells_a_key_a_rationale_or_an_estimate(browser: Browser):
    browser.register("somsri.test")
    browser.start("DLit")
    answer_section(browser)
    everything = html.unescape("".join(browser.seen))
    for item in demonstration_catalogue().in_force().release.items:
        assert item.rationale.th not in everything
    assert not re.search(r"theta|probab|\bse\b|ความน่าจะเป็น|correct", everything)


def test_a_result_says_specimen_and_no_number_but_levels(browser: Browser):
    browser.register("somsri.test")
    browser.start("DLit")
    answer_section(browser)
    assert "ตัวอย่าง ไม่ใช่หนังสือรับรอง" in browser.text
    assert not re.search(r"[0-9]\.[0-9]|theta|probab|ความน่าจะเป็น", browser.text)
    browser.send("/language")
    assert "SPECIMEN" in browser.text
    assert browser.path.endswith("/result")


def test_an_exam_of_somebody_else_is_not_there(browse: Callable[..., Browser]):
    mine, theirs = browse(), browse()
    mine.register("somsri.test")
    path = mine.start("DLit")
    theirs.register("somchai.test")
    for page in (path, f"{path}/end", f"{path}/result", f"{path}/statement.pdf"):
        assert theirs.get(page).status_code == 404


def test_a_login_that_ran_out_in_an_exam_says_that_answers_are_kept(browser: Browser):
    browser.register("somsri.test")
    path = browser.start("DLit")
    browser.open_section()
    browser.choose("a")
    del browser.client.cookies["samatthana_login"]
    browser.confirm()
    assert browser.path == "/login"
    assert "ยังอยู่ครบ" in browser.text
    browser.send("/login", username="somsri.test", password="a password for tests")
    assert browser.path == path


def test_a_second_exam_waits_for_the_first(browser: Browser):
    browser.register("somsri.test")
    path = browser.start("DLit")
    browser.get("/exam")
    assert path in browser.reader.links
    browser.get("/exam/notice?skill_set=DG")
    assert browser.path == "/exam"


def test_the_rehearsal_is_an_exam_in_small_of_which_nothing_is_kept(
    service: Service, browser: Browser
):
    browser.register("somsri.test")
    browser.send("/exam/notice", skill_set=["DLit", "DG"], language="th")
    browser.get(next(link for link in browser.reader.links if "/exam/rehearsal" in link))
    for item in load_rehearsal():
        assert item.stem.th in browser.text
        browser.send("/exam/rehearsal", choice=item.options[0].id)
        assert "ยืนยันคำตอบ" in browser.text
        browser.send("/exam/rehearsal")
    assert "ซ้อมเสร็จแล้ว" in browser.text
    browser.get(next(link for link in browser.reader.links if "/exam/notice" in link))
    assert set(browser.form("/exam/start").fields["skill_set"]) == {"DLit", "DG"}
    headers = log_in(service.client, "somsri.test", "a password for tests")
    assert service.client.get("/api/v1/sessions", headers=headers).json() == []
    assert not any(item.rationale.th in page for item in load_rehearsal() for page in browser.seen)


def test_a_failure_while_answering_says_what_is_sure_and_what_is_not(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
):
    browser.register("somsri.test")
    path = browser.start("DLit")
    browser.open_section()
    browser.choose("a")

    def down(*_: object, **__: object) -> None:
        raise OperationalError("INSERT", {}, Exception("server closed the connection"))

    monkeypatch.setattr(Exams, "answer", down)
    assert browser.confirm().status_code == 503
    said = browser.text[browser.text.index("ยังอยู่ครบ") :]
    assert said.index("ระบบยังไม่พร้อม") < said.index("อาจยังไม่ถึงระบบ")
    assert path in browser.reader.links
