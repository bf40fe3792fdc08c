"""Certificates from the end of an exam to their revocation, as holders and strangers meet them."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pypdf import PdfReader
from sqlmodel import select

from api.certificates.numbers import is_checked
from api.certificates.verification import Verification, verify_credential
from api.database import transaction
from api.exams import repository as exams
from api.tables import AuditEntry, Certificate
from api.thai import thai_digits
from tests.api.people import Candidate, Service, always_right, always_wrong, log_in

BANGKOK = ZoneInfo("Asia/Bangkok")


@pytest.fixture(scope="session")
def signer(tmp_path_factory: pytest.TempPathFactory):
    """The service's signing key, named by the address where the service publishes it."""
    from api.certificates.signing import Signer

    keys_url = "http://testserver/.well-known/jwks.json"
    return Signer.load_or_create(tmp_path_factory.mktemp("keys"), keys_url)


@dataclass
class Issued:
    """An ended exam in which DG was answered right and DT wrong, and the certificate it led to."""

    service: Service
    holder: Candidate
    session: str
    result: dict[str, Any]

    @property
    def number(self) -> str:
        return self.result["sections"][0]["certificate"]["number"]

    def get(self, path: str, headers: dict[str, str] | None = None):
        return self.service.client.get(path, headers=headers or {})

    def look_up(self, text: str | None = None):
        return self.get(f"/api/v1/certificates/{text or self.number}")

    def credential(self) -> str:
        path = f"/api/v1/certificates/{self.number}.vc.jwt"
        return self.get(path, self.holder.headers).text

    def revoke(self, headers: dict[str, str], reason: str = "issued by mistake"):
        path = f"/api/v1/certificates/{self.number}/revocation"
        return self.service.client.post(path, json={"reason": reason}, headers=headers)

    def verify_offline(self, credential: str, status_list: str | None = None) -> Verification:
        """Check a file with nothing but what the service publishes."""
        keys = self.get("/.well-known/jwks.json").json()
        return verify_credential(
            credential, keys=keys, now=self.service.clock(), status_list=status_list
        )

    def status_list(self) -> str:
        """Fetch the status list from where the credential says it is."""
        claims = json.loads(_decoded(self.credential().split(".")[1]))
        address = claims["credentialStatus"]["statusListCredential"]
        return self.get(address).text


def _decoded(part: str) -> bytes:
    from joserfc.util import urlsafe_b64decode

    return urlsafe_b64decode(part.encode())


@pytest.fixture
def issue(service: Service) -> Callable[..., Issued]:
    def issue(username: str = "holder.test", **more: Any) -> Issued:
        holder = service.register(username, **more)
        session = holder.start("DG", "DT")
        holder.answer_section(session, always_right())
        holder.answer_section(session, always_wrong())
        result = holder.get(f"/sessions/{session}/result").json()
        return Issued(service, holder, session, result)

    return issue


@pytest.fixture
def issued(issue: Callable[..., Issued]) -> Issued:
    return issue()


def code(reply) -> tuple[int, str]:
    assert reply.headers["content-type"] == "application/problem+json"
    return reply.status_code, reply.json()["code"]


def test_each_level_shown_has_one_certificate_and_nothing_else_has_any(issued: Issued, service):
    shown, not_yet = issued.result["sections"]
    assert (shown["outcome"], not_yet["outcome"]) == ("shown", "not_yet_shown")
    assert shown["level"] in (1, 2, 3)
    assert not_yet["certificate"] is None
    with transaction(service.app.state.engine) as db:
        (held,) = db.exec(select(Certificate)).all()
        acts = db.exec(select(AuditEntry).where(AuditEntry.action == "issue_certificate")).all()
    assert (held.number, held.skill_set, held.level) == (issued.number, "DG", shown["level"])
    assert [act.subject for act in acts] == [issued.number]


def test_an_exam_that_was_left_has_no_certificate(service: Service, candidate: Candidate):
    session = candidate.start("DG")
    item = candidate.open_section(session)
    for _ in range(7):
        item = candidate.answer(session, item, always_right()(item)).json()["next_item"]
    candidate.post(f"/sessions/{session}/end")
    with transaction(service.app.state.engine) as db:
        assert db.exec(select(Certificate)).all() == []


def test_a_number_carries_its_year_and_check_digits_and_says_specimen(issued: Issued):
    assert re.fullmatch(r"SP-2569-\d{4}-\d{4}-\d{2}", issued.number)
    assert is_checked(issued.number.replace("-", ""))


def test_the_pdf_names_its_holder_in_both_scripts_and_is_a_specimen(issued: Issued):
    reply = issued.get(f"/api/v1/certificates/{issued.number}.pdf", issued.holder.headers)
    assert reply.headers["content-type"] == "application/pdf"
    assert reply.headers["content-disposition"] == f'attachment; filename="{issued.number}.pdf"'
    assert "no-store" in reply.headers["cache-control"]
    for page in PdfReader(io.BytesIO(reply.content)).pages:
        text = page.extract_text()
        assert "SPECIMEN" in text
    pages = PdfReader(io.BytesIO(reply.content)).pages
    text = "".join(page.extract_text() for page in pages)
    assert "Mrs. Somsri Thotsop" in text
    assert "สมศรี" in "".join(text.split())
    assert issued.number in text


def test_the_credential_verifies_with_published_keys_and_status_alone(issued: Issued):
    verdict = issued.verify_offline(issued.credential(), issued.status_list())
    assert verdict.valid
    assert (verdict.signature, verdict.status) == ("valid", "active")
    assert (verdict.number, verdict.specimen, verdict.skill_set) == (issued.number, True, "DG")


def test_a_credential_with_one_changed_byte_is_never_valid(issued: Issued):
    token = issued.credential()
    places = [*range(0, len(token), 97), *(token.index(".") + step for step in (-1, 0, 1))]
    for place in [*places, len(token) - 1]:
        other = "A" if token[place] != "A" else "B"
        changed = token[:place] + other + token[place + 1 :]
        assert not issued.verify_offline(changed, issued.status_list).valid, place
        assert issued.verify_offline(changed).signature != "valid", place


def test_names_are_in_the_credential_only_with_consent(issue: Callable[..., Issued]):
    silent, open_ = issue("silent.test"), issue("open.test", name_in_credential=True)
    names = ("นางสมศรี ทดสอบ", "Mrs. Somsri Thotsop")
    payload = _decoded(silent.credential().split(".")[1]).decode()
    assert not any(name in payload for name in names)
    assert "Somsri" not in payload
    assert silent.verify_offline(silent.credential()).holder == ()
    assert open_.verify_offline(open_.credential()).holder == names


def test_a_number_is_found_however_it_is_typed(issued: Issued):
    number = issued.number
    spellings = {
        "as issued": number,
        "small letters": number.lower(),
        "thai digits": thai_digits(number),
        "spaces": number.replace("-", " "),
        "nothing between": number.replace("-", ""),
        "long dashes": number.replace("-", "–"),
        "spaces around": f" {number} ",
    }
    for how, text in spellings.items():
        reply = issued.look_up(text)
        assert reply.status_code == 200, how
        assert (reply.json()["number"], reply.json()["valid"]) == (number, True), how


def test_a_look_up_tells_who_what_level_and_until_when(issued: Issued):
    verdict = issued.look_up().json()
    assert verdict["status"] == "active"
    assert verdict["signature"] == "valid"
    assert verdict["reasons"] == []
    assert verdict["specimen"] is True
    assert verdict["holder"] == {"th": "นางสมศรี ทดสอบ", "en": "Mrs. Somsri Thotsop"}
    assert verdict["level"] == issued.result["sections"][0]["level"]
    until = datetime.fromisoformat(verdict["valid_until"]).astimezone(BANGKOK)
    assert until.isoformat() == "2029-11-22T23:59:59+07:00"


def test_a_slip_of_the_pen_is_said_to_be_one(issued: Issued):
    number = issued.number
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    reply = issued.look_up(wrong)
    assert code(reply) == (422, "invalid-request")
    (problem,) = reply.json()["problems"]
    assert (problem["where"], problem["value"]) == ("number", wrong)
    assert "slip of the pen" in problem["expected"]


def test_what_is_no_number_is_refused_with_an_example(issued: Issued):
    for text in ("hello", "SP-2569", "🌸", "%00", "x" * 5_000, "SP-2569-1234-5678-90-11"):
        reply = issued.look_up(text)
        assert code(reply) == (422, "invalid-request"), text
        assert "SP-2569-1234-5678-90" in reply.json()["problems"][0]["expected"]


def test_a_number_that_was_never_issued_is_unknown(issued: Issued):
    assert code(issued.look_up("SP-2569-4831-7265-30")) == (404, "not-found")


def test_only_an_administrator_revokes(issued: Issued, service, psychometrician):
    stranger = service.register("stranger.test")
    for headers in (issued.holder.headers, stranger.headers, psychometrician):
        assert code(issued.revoke(headers)) == (403, "forbidden")
    assert code(issued.revoke({})) == (401, "not-logged-in")
    assert issued.look_up().json()["valid"]


def test_a_revocation_is_seen_at_look_up_and_in_the_status_list(
    issued: Issued, service, administrator
):
    credential, before = issued.credential(), issued.status_list()
    reply = issued.revoke(administrator, "issued to another person")
    assert reply.status_code == 200
    verdict = issued.look_up().json()
    assert verdict == reply.json()
    assert (verdict["valid"], verdict["status"], verdict["reasons"]) == (
        False,
        "revoked",
        ["revoked"],
    )
    assert verdict["signature"] == "valid"
    assert datetime.fromisoformat(verdict["revoked_at"]) == service.clock()
    assert "another person" not in issued.look_up().text
    assert issued.verify_offline(credential, before).status == "active"
    offline = issued.verify_offline(credential, issued.status_list())
    assert (offline.valid, offline.signature, offline.status) == (False, "valid", "revoked")


def test_the_status_list_of_others_stays_as_it_was(issue: Callable[..., Issued], administrator):
    first, second = issue("first.test"), issue("second.test")
    first.revoke(administrator)
    assert second.verify_offline(second.credential(), second.status_list()).valid


def test_a_second_revocation_is_refused_and_the_first_stands(
    issued: Issued, service, administrator
):
    first = issued.revoke(administrator, "the first reason").json()
    service.clock.advance(hours=1)
    assert code(issued.revoke(administrator, "the second reason")) == (409, "conflict")
    assert issued.look_up().json()["revoked_at"] == first["revoked_at"]


def test_revocations_at_the_same_moment_are_one(issued: Issued, service, administrator):
    """The second one has read the certificate before the first one changed it."""
    with (
        ThreadPoolExecutor(2) as pool,
        transaction(service.app.state.engine) as db,
    ):
        exams.next_feed_position(db)  # nobody else can finish a revocation until this ends
        replies = pool.map(lambda _: issued.revoke(administrator).status_code, range(2))
        _wait_for_locks(service, 2)
        db.commit()
        assert sorted(replies) == [200, 409]


def _wait_for_locks(service: Service, number: int) -> None:
    import time

    from sqlalchemy import text

    query = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    for _ in range(2_000):
        with service.app.state.engine.connect() as connection:
            if connection.execute(query).scalar_one() >= number:
                return
        time.sleep(0.02)
    pytest.fail("the requests do not wait for each other")


def test_a_revocation_needs_a_reason(issued: Issued, administrator):
    for reason in ("", "    ", "why", "x" * 1001, "nul \0 nul"):
        reply = issued.revoke(administrator, reason)
        assert code(reply) == (422, "invalid-request")
        assert [problem["where"] for problem in reply.json()["problems"]] == ["reason"]
    assert issued.look_up().json()["valid"]


def test_who_revoked_what_and_why_is_kept(issued: Issued, service, administrator):
    issued.revoke(administrator, "issued by mistake")
    actor = service.client.get("/api/v1/me", headers=administrator).json()["account"]
    with transaction(service.app.state.engine) as db:
        (act,) = db.exec(select(AuditEntry).where(AuditEntry.action == "revoke_certificate")).all()
    assert (act.actor, act.subject) == (actor, issued.number)
    assert act.detail == {"reason": "issued by mistake"}


def test_a_certificate_expires_at_the_end_of_its_last_day_in_bangkok(issued: Issued, service):
    credential = issued.credential()
    last = datetime(2029, 11, 22, 23, 59, 59, tzinfo=BANGKOK)
    service.clock.now = last
    assert issued.look_up().json()["valid"]
    service.clock.advance(seconds=1)
    verdict = issued.look_up().json()
    assert (verdict["valid"], verdict["status"]) == (False, "expired")
    assert verdict["reasons"] == ["expired"]
    assert "expired" in issued.verify_offline(credential).reasons


def test_a_revoked_certificate_stays_revoked_when_it_expires(
    issued: Issued, service, administrator
):
    issued.revoke(administrator)
    service.clock.advance(days=4 * 366)
    assert issued.look_up().json()["status"] == "revoked"


def test_documents_are_for_the_holder_and_administrators(
    issued: Issued, service, administrator, psychometrician
):
    stranger = service.register("stranger.test").headers
    officer = log_in(service.client, "officer.demo")
    for ending in (".pdf", ".vc.jwt"):
        path = f"/api/v1/certificates/{issued.number}{ending}"
        for headers in (issued.holder.headers, administrator):
            assert issued.get(path, headers).status_code == 200
        for headers in (stranger, psychometrician, officer):
            reply = issued.get(path, headers)
            assert code(reply) == (404, "not-found")
            assert "Somsri" not in reply.text
        assert code(issued.get(path)) == (401, "not-logged-in")


def test_a_document_is_found_by_its_number_in_thai_digits(issued: Issued):
    """The name of the file is in a header, which carries no Thai digits."""
    number = thai_digits(issued.number).lower()
    for ending in (".pdf", ".vc.jwt"):
        path = f"/api/v1/certificates/{number}{ending}"
        reply = issued.get(path, issued.holder.headers)
        assert reply.status_code == 200
        name = f'filename="{issued.number}{ending}"'
        assert name in reply.headers["content-disposition"]


def test_the_same_document_is_drawn_again(issued: Issued, service, administrator):
    path = f"/api/v1/certificates/{issued.number}.pdf"
    first = issued.get(path, issued.holder.headers).content
    service.clock.advance(hours=9)
    assert issued.get(path, issued.holder.headers).content == first


def test_the_statement_lists_every_section_for_its_owner_alone(
    issued: Issued, service, administrator
):
    path = f"/api/v1/sessions/{issued.session}/statement.pdf"
    reply = issued.get(path, issued.holder.headers)
    assert reply.headers["content-type"] == "application/pdf"
    pages = PdfReader(io.BytesIO(reply.content)).pages
    text = "".join(page.extract_text() for page in pages)
    assert "Mrs. Somsri Thotsop" in text
    assert issued.number in text
    assert "SPECIMEN" in text
    stranger = service.register("stranger.test")
    assert code(issued.get(path, stranger.headers)) == (404, "not-found")


def test_a_statement_names_sections_without_a_result(candidate: Candidate, service: Service):
    """Ended early, run out of time, never taken: each is a row with its reason."""
    session = candidate.start("DLit", "DG", "DT")
    candidate.open_section(session)
    service.clock.advance(minutes=30)
    candidate.open_section(session)
    candidate.post(f"/sessions/{session}/end")
    rows = candidate.get(f"/sessions/{session}/result").json()["sections"]
    reasons = [row["reason"] for row in rows]
    assert reasons == ["time", "ended_by_candidate", "not_taken"]
    reply = candidate.get(f"/sessions/{session}/statement.pdf")
    assert reply.status_code == 200
    pages = PdfReader(io.BytesIO(reply.content)).pages
    text = " ".join("".join(page.extract_text() for page in pages).split())
    for words in ("time ran out", "ended early", "not taken"):
        assert words in text


def test_a_running_exam_has_neither_statement_nor_result(candidate: Candidate):
    session = candidate.start("DG")
    candidate.open_section(session)
    for path in ("statement.pdf", "result"):
        reply = candidate.get(f"/sessions/{session}/{path}")
        assert code(reply) == (409, "conflict")


def test_a_status_list_is_there_before_any_certificate_and_no_other_is(service: Service):
    assert service.client.get("/api/v1/status-lists/1").status_code == 200
    for number in ("0", "2", "-1", "9" * 30):
        assert code(service.client.get(f"/api/v1/status-lists/{number}")) == (404, "not-found")
    for number in ("x", "๑", "9" * 5_000):
        reply = service.client.get(f"/api/v1/status-lists/{number}")
        assert code(reply) == (422, "invalid-request")


def test_only_public_parts_of_the_key_are_published(service: Service, signer):
    (key,) = service.client.get("/.well-known/jwks.json").json()["keys"]
    assert set(key) == {"kty", "n", "e", "alg", "kid", "use"}
    assert key["kid"] == signer.thumbprint
