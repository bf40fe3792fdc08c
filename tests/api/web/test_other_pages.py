"""Results, certificates, agencies, staff, and what is said when something cannot be done."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, select

from api.certificates.service import Certificates
from api.tables import AuditEntry
from api.thai import thai_digits
from tests.api.people import Candidate, Service, always_right
from tests.api.web.unscripted import Browser

SECRET = "a password for tests"


@pytest.fixture
def holder(service: Service) -> Candidate:
    """A person with one certificate."""
    person = service.register("holder.test")
    person.finish(person.start("DLit"), always_right())
    return person


def number_of(person: Candidate) -> str:
    session = person.get("/sessions").json()[0]["session"]
    result = person.get(f"/sessions/{session}/result").json()
    return result["sections"][0]["certificate"]["number"]


def test_a_person_finds_results_and_documents_again(browser: Browser, holder: Candidate):
    browser.log_in("holder.test", SECRET)
    browser.get("/my")
    links = browser.reader.links
    pdf = browser.get(next(link for link in links if link.endswith(".pdf")))
    assert pdf.content.startswith(b"%PDF")
    assert pdf.headers["Cache-Control"] == "no-store"
    assert number_of(holder) in pdf.headers["Content-Disposition"]
    file = browser.get(next(link for link in links if link.endswith("/credential")))
    assert file.text.count(".") == 2
    browser.get(next(link for link in links if link.endswith("/result")))
    statement = next(link for link in browser.reader.links if link.endswith("statement.pdf"))
    assert browser.get(statement).content.startswith(b"%PDF")


def test_documents_are_for_their_holder(browser: Browser, holder: Candidate):
    number = number_of(holder)
    browser.register("other.test")
    assert browser.get(f"/my/certificates/{number}.pdf").status_code == 404
    assert browser.get(f"/my/certificates/{number}/credential").status_code == 404


@pytest.mark.parametrize("spelling", [str, thai_digits, str.lower, lambda n: n.replace("-", " ")])
def test_anyone_verifies_a_number_however_it_is_typed(
    browser: Browser, holder: Candidate, spelling: Callable[[str], str]
):
    number = number_of(holder)
    browser.get("/verify")
    browser.send("/verify", number=spelling(number))
    assert browser.path == f"/verify/{number}"
    assert browser.page.status_code == 200
    assert "นางสมศรี ทดสอบ" in browser.text
    assert "ตัวอย่าง" in browser.text
    assert "๒๒ พฤศจิกายน พ.ศ. ๒๕๖๙ (22 November 2026)" in browser.text


def test_anyone_verifies_a_file(browser: Browser, holder: Candidate):
    number = number_of(holder)
    browser.log_in("holder.test", SECRET)
    content = browser.get(f"/my/certificates/{number}/credential").content
    good = browser.client.post("/verify", files={"file": ("c.vc.jwt", content)})
    assert number in good.text
    changed = content[:-8] + b"AAAAAAAA"
    bad = browser.client.post("/verify", files={"file": ("c.vc.jwt", changed)})
    assert number not in bad.text
    assert "อาจถูกแก้ไข" in bad.text


@pytest.mark.parametrize(("size", "status"), [(0, 422), (1_000_001, 413), (3_000_000, 413)])
def test_a_file_that_cannot_be_one_is_refused_with_a_next_step(
    browser: Browser, size: int, status: int
):
    reply = browser.client.post("/verify", files={"file": ("c.vc.jwt", b"a" * size)})
    assert reply.status_code == status
    assert "<h1" in reply.text


def test_a_number_mistyped_is_told_from_one_unknown(browser: Browser):
    assert browser.get("/verify/SP-2569-1234-5678-00").status_code == 422
    assert "พิมพ์ผิด" in browser.text
    browser.get("/verify?number=")
    assert browser.page.status_code == 422
    body = "SP256912345678"
    value = int("".join(str(int(character, 36)) for character in body)) * 100
    unknown = f"SP-2569-1234-5678-{98 - value % 97:02d}"  # ISO/IEC 7064:2003, MOD 97-10
    assert browser.get(f"/verify/{unknown}").status_code == 404
    assert "ไม่พบหนังสือรับรอง" in browser.text


def test_an_administrator_revokes_after_confirming(
    browse: Callable[..., Browser], holder: Candidate
):
    number = number_of(holder)
    staff, anyone = browse("en"), browse("en")
    staff.log_in("administrator.demo")
    staff.get("/staff")
    staff.send("/staff/revoke", number=number, reason="issued by mistake")
    anyone.get(f"/verify/{number}")
    assert "revoked" not in anyone.text
    staff.send("/staff/revoke")
    assert "has been revoked" in staff.text
    anyone.get(f"/verify/{number}")
    assert "has been revoked" in anyone.text


def test_an_officer_states_a_purpose_and_it_is_recorded(
    service: Service, browser: Browser, holder: Candidate
):
    browser.log_in("officer.demo")
    browser.get("/agency")
    assert "นางสมศรี" not in browser.text
    browser.send("/agency", purpose="individual_plan")
    assert "นางสมศรี ทดสอบ" in browser.text
    with Session(service.app.state.engine) as db:
        acts = db.exec(select(AuditEntry).where(AuditEntry.action == "read_results")).all()
    assert ["individual_plan" in act.detail["purpose"] for act in acts] == [True]


def test_an_officers_table_opens_in_a_spreadsheet_and_runs_nothing(
    service: Service, browser: Browser
):
    person = service.register("formula.test", name_latin="-Somsri")
    person.finish(person.start("DLit"), always_right())
    browser.log_in("officer.demo")
    reply = browser.get("/agency/results.csv?purpose=reporting")
    assert reply.content.startswith("\ufeff".encode())
    rows = list(csv.DictReader(io.StringIO(reply.content.decode("utf-8-sig"))))
    assert [row["name_th"] for row in rows] == ["นางสมศรี ทดสอบ"]
    assert rows[0]["skill_set"] == "DLit"
    assert rows[0]["name_latin"] == "'-Somsri"


def test_an_officer_sees_own_people_only(service: Service, browser: Browser):
    stranger = service.register("stranger.test", agency="DEMO-B")
    stranger.finish(stranger.start("DLit"), always_right())
    browser.log_in("officer.demo")
    browser.get("/agency?purpose=reporting")
    assert "stranger" not in browser.page.text
    assert "ยังไม่มีผล" in browser.text


@pytest.mark.parametrize("path", ["/agency", "/agency/results.csv?purpose=reporting"])
def test_results_of_an_agency_are_for_its_officers(browser: Browser, path: str):
    browser.register("somsri.test")
    assert browser.get(path).status_code == 403


def test_a_psychometrician_reads_a_log_and_a_candidate_does_not(
    browse: Callable[..., Browser], holder: Candidate
):
    session = holder.get("/sessions").json()[0]["session"]
    reader, candidate = browse(), browse()
    reader.log_in("psychometrician.demo")
    reader.get("/staff")
    reader.send("/staff", session=f" {session.upper()} ")
    assert reader.path == f"/staff/sessions/{session}"
    assert reader.page.text.count("<tr>") > 10
    candidate.log_in("holder.test", SECRET)
    assert candidate.get(f"/staff/sessions/{session}").status_code == 403


@pytest.mark.parametrize(
    "role", ["author", "psychometrician", "officer", "proctor", "administrator"]
)
def test_every_role_lands_on_a_page_of_its_own(browser: Browser, role: str):
    browser.log_in(f"{role}.demo")
    assert browser.page.status_code == 200
    assert browser.path in ("/staff", "/agency")
    browser.get("/exam")
    assert browser.page.status_code == 403


@pytest.mark.parametrize("language", ["th", "en"])
@pytest.mark.parametrize("path", ["/nowhere", "/exam/not-a-session", "/verify/x/y"])
def test_what_is_not_there_is_said_in_both_languages(
    browse: Callable[..., Browser], path: str, language: str
):
    browser = browse(language)
    browser.log_in("somchai.demo")
    assert browser.get(path).status_code == 404
    assert browser.reader.attributes["lang"] == language
    assert {"th": "ไม่พบหน้านี้", "en": "There is no such page"}[language] in browser.text


def test_a_database_that_is_down_is_said_without_asking_it(
    service: Service, browser: Browser, monkeypatch: pytest.MonkeyPatch
):
    def down(*_: object, **__: object) -> None:
        raise OperationalError("SELECT", {}, Exception("server closed the connection"))

    monkeypatch.setattr(Certificates, "look_up", down)
    reply = browser.get("/verify/SP-2569-1234-5678-90")
    assert reply.status_code == 503
    assert "ระบบยังไม่พร้อม" in browser.text
    assert "/verify/SP-2569-1234-5678-90" in browser.reader.links
    assert "server closed" not in reply.text


def test_a_fault_of_ours_tells_no_secret(browser: Browser, monkeypatch: pytest.MonkeyPatch):
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("password=hunter2")

    monkeypatch.setattr(Certificates, "look_up", broken)
    reply = browser.get("/verify/SP-2569-1234-5678-90")
    assert reply.status_code == 500
    assert "ระบบขัดข้อง" in browser.text
    assert "hunter2" not in reply.text


def test_the_home_page_of_a_demonstration_says_so_and_lists_its_accounts(browser: Browser):
    browser.get("/")
    assert "ตัวอย่าง ไม่ใช่หนังสือรับรอง" in browser.text
    assert "open-demonstration" in browser.text
    browser.log_in("somchai.demo")
    browser.get("/")
    assert "open-demonstration" not in browser.text


@pytest.mark.parametrize("path", ["/exam", "/staff", "/agency", "/verify/SP-2569-1234-5678-90"])
def test_the_next_step_after_a_refusal_is_never_the_refused_page(
    browse: Callable[..., Browser], path: str
):
    for who in ("somchai.demo", "author.demo"):
        browser = browse()
        browser.log_in(who)
        if browser.get(path).status_code >= 400:
            body = browser.page.text.split("<main", 1)[1]
            assert f'class="button" href="{path}"' not in body
