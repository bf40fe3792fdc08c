"""`samatthana demo`, and what `replay` and `verify` say afterwards of the exam it held."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from joserfc.util import urlsafe_b64decode

from api.app import create_app, open_context
from api.certificates.service import Certificates
from api.database import connect_pool, embedded_postgres, transaction
from api.settings import Settings
from itembank import load_framework, load_scheme
from tests.api.cli.conftest import Demonstration, Ran
from tests.api.people import log_in

Run = Callable[..., Ran]
UNKNOWN = "SP-2569-4831-7265-30"


@pytest.fixture
def published(demonstration: Demonstration, tmp_path: Path) -> tuple[Path, Path]:
    """Files of what the service publishes: its keys, and its status list of this moment."""
    settings = Settings(data=demonstration.data, demo=True)
    keys, status_list = tmp_path / "jwks.json", tmp_path / "status-list.jwt"
    with embedded_postgres(demonstration.data) as urls:
        pool = connect_pool(urls.application)
        with transaction(pool) as db:
            context = open_context(settings, db)
            keys.write_text(json.dumps(context.signer.jwks()))
            status_list.write_text(Certificates(db, context).status_list(1))
        pool.dispose()
    return keys, status_list


def credential(demonstration: Demonstration) -> Path:
    return Path(demonstration.certificate["credential"])


def test_a_whole_exam_is_printed_with_its_decisions(demonstration: Demonstration):
    printed = demonstration.printed
    assert {"session", "sections", "certificates"} <= set(printed)
    framework = load_framework()
    role = framework.role("technology", "early")
    required = [each.skill_set for each in load_scheme().requirements(role)]
    assert [each["skill_set"] for each in printed["sections"]] == required
    for section in printed["sections"]:
        assert {"skill_set", "items", "theta", "se", "level"} <= set(section)
        assert 8 <= section["items"] <= 12
        assert -6 < section["theta"] < 6
        assert 0 < section["se"] < 1
        assert section["level"] in (None, 1, 2, 3)
    assert len(printed["answers"]) == sum(each["items"] for each in printed["sections"])


def test_each_level_shown_has_its_files(demonstration: Demonstration):
    printed = demonstration.printed
    shown = [each["skill_set"] for each in printed["sections"] if each["level"]]
    assert shown, "a candidate of ability 2 shows some level"
    assert [each["skill_set"] for each in printed["certificates"]] == shown
    for each in printed["certificates"]:
        assert set(each) == {"number", "skill_set", "pdf", "credential"}
        assert Path(each["pdf"]).read_bytes().startswith(b"%PDF-")
        assert Path(each["credential"]).name == f"{each['number']}.vc.jwt"
    assert len(list(demonstration.out.iterdir())) == 2 * len(shown)


def test_a_certificate_leads_to_the_service_not_to_the_port_of_the_moment(
    demonstration: Demonstration,
):
    payload = json.loads(urlsafe_b64decode(credential(demonstration).read_bytes().split(b".")[1]))
    number = demonstration.certificate["number"]
    assert payload["id"] == f"http://127.0.0.1:8000/verify/{number}"


def test_a_new_process_replays_the_exam_and_finds_it_identical(
    demonstration: Demonstration, program: Run
):
    session = demonstration.printed["session"]
    found = program("replay", session, "--data", demonstration.data, "--json")
    assert found.code == 0
    steps = found.json()["steps"]
    assert found.json() == {
        "session": session,
        "identical": True,
        "steps": steps,
        "first_difference": None,
    }
    answers, sections = (
        len(demonstration.printed["answers"]),
        len(demonstration.printed["sections"]),
    )
    assert steps == 2 + 2 * answers + 2 * sections


def test_replay_in_words(demonstration: Demonstration, run: Run):
    found = run("replay", demonstration.printed["session"], "--data", demonstration.data)
    assert found.code == 0
    assert "identical" in found.out


def test_replay_of_what_is_no_session(demonstration: Demonstration, run: Run):
    message = run("replay", "nonsense", "--data", demonstration.data).refused()
    assert "SESSION: found 'nonsense'" in message
    unknown = "3f2b0000-0000-4000-8000-000000000000"
    message = run("replay", unknown, "--data", demonstration.data).refused()
    assert f"There is no session {unknown}" in message
    found = run("replay", "nonsense", "--data", demonstration.data, "--json")
    assert found.code == 3
    assert found.json()["error"]["problems"][0]["where"] == "SESSION"


VERDICT = {"valid", "number", "signature", "status", "valid_until", "specimen"}


def test_a_certificate_verifies_by_file_and_by_number(demonstration: Demonstration, run: Run):
    for what in (credential(demonstration), demonstration.certificate["number"].lower()):
        found = run("verify", what, "--data", demonstration.data, "--json")
        assert found.code == 0, found
        verdict = found.json()
        assert set(verdict) >= VERDICT
        assert (verdict["valid"], verdict["signature"], verdict["status"]) == (
            True,
            "valid",
            "active",
        )
        assert (verdict["number"], verdict["specimen"]) == (
            demonstration.certificate["number"],
            True,
        )
        assert verdict["valid_until"]


def test_a_certificate_verifies_offline(
    demonstration: Demonstration, published: tuple[Path, Path], program: Run, run: Run
):
    keys, status_list = published
    offline = ("verify", credential(demonstration), "--offline", "--keys", keys)
    found = program(*offline, "--json")
    assert found.code == 0, found
    verdict = found.json()
    assert set(verdict) >= VERDICT
    assert (verdict["valid"], verdict["status"]) == (True, "unknown")
    assert verdict["reasons"] == ["status-unknown"]
    found = run(*offline, "--status-list", status_list, "--json")
    assert found.code == 0, found
    assert (found.json()["valid"], found.json()["status"]) == (True, "active")


def test_verify_in_words_says_that_it_is_a_specimen(demonstration: Demonstration, run: Run):
    found = run("verify", credential(demonstration), "--data", demonstration.data)
    assert found.code == 0
    assert "SPECIMEN" in found.out
    assert demonstration.certificate["number"] in found.out


def test_a_changed_file_does_not_verify(
    demonstration: Demonstration, published: tuple[Path, Path], run: Run, tmp_path: Path
):
    token = credential(demonstration).read_text()
    place = len(token) // 2
    changed = tmp_path / "changed.vc.jwt"
    changed.write_text(token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :])
    for where in (("--data", demonstration.data), ("--offline", "--keys", published[0])):
        found = run("verify", changed, *where, "--json")
        assert found.code == 1
        verdict = found.json()
        assert verdict["valid"] is False
        assert verdict["signature"] in ("invalid", "unreadable")
        assert (verdict["number"], verdict["specimen"]) == (None, None)
        assert run("verify", changed, *where).code == 1


def test_a_revoked_certificate_does_not_verify(
    demonstration: Demonstration, run: Run, tmp_path: Path
):
    """Revoked as an administrator would, on the command's own data folder."""
    number = demonstration.printed["certificates"][-1]["number"]
    file = Path(demonstration.printed["certificates"][-1]["credential"])
    keys, status_list = tmp_path / "jwks.json", tmp_path / "status.jwt"
    settings = Settings(data=demonstration.data, demo=True)
    with (
        embedded_postgres(demonstration.data) as urls,
        TestClient(create_app(settings, urls.application)) as client,
    ):
        headers = log_in(client, "administrator.demo")
        path = f"/api/v1/certificates/{number}/revocation"
        reason = {"reason": "shown as an example"}
        client.post(path, json=reason, headers=headers).raise_for_status()
        keys.write_text(client.get("/.well-known/jwks.json").text)
        status_list.write_text(client.get("/api/v1/status-lists/1").text)
    offline = ("--offline", "--keys", keys, "--status-list", status_list)
    for what, where in ((number, ("--data", demonstration.data)), (file, offline)):
        found = run("verify", what, *where, "--json")
        assert found.code == 1
        assert (found.json()["signature"], found.json()["status"]) == ("valid", "revoked")


def test_what_is_no_certificate_is_bad_input(demonstration: Demonstration, run: Run, tmp_path):
    data = ("--data", demonstration.data)
    assert "No certificate has the number" in run("verify", UNKNOWN, *data).refused()
    assert "slip of the pen" in run("verify", UNKNOWN[:-1] + "1", *data).refused()
    assert "a number like" in run("verify", "hello", *data).refused()
    assert "a number like" in run("verify", "x" * 5_000, *data).refused()
    for missing in ("missing.vc.jwt", tmp_path / "missing", tmp_path):
        assert "a file that can be read" in run("verify", missing, *data).refused()


def test_an_offline_check_names_every_file_it_lacks(run: Run, tmp_path: Path):
    given = ("verify", tmp_path / "a.jwt", "--offline", "--status-list", tmp_path / "b.jwt")
    found = run(*given, "--json")
    assert found.code == 3
    where = [problem["where"] for problem in found.json()["error"]["problems"]]
    assert where == ["FILE_OR_NUMBER", "--keys", "--status-list"]


def test_keys_that_are_none_are_named(demonstration: Demonstration, run: Run, tmp_path: Path):
    keys = tmp_path / "keys"
    for content in ("", "{}", "[]", "not json", '{"keys": [{"kty": "RSA"}]}', "[" * 100_000):
        keys.write_text(content)
        found = run("verify", credential(demonstration), "--offline", "--keys", keys)
        assert "--keys" in found.refused()


def test_files_for_an_offline_check_are_refused_without_it(run: Run, tmp_path: Path):
    message = run("verify", UNKNOWN, "--keys", tmp_path / "keys").refused()
    assert "--keys" in message


def test_everything_wrong_with_a_demonstration_is_said_before_it_begins(run: Run, tmp_path: Path):
    out = tmp_path / "out"
    options = {
        "--role": "astronaut/early",
        "--theta": "nan",
        "--seed": "-1",
        "--lang": "fr",
        "--url": "ftp://nowhere",
    }
    given = [part for option in options.items() for part in option]
    found = run("demo", *given, "--out", out, "--json")
    assert found.code == 3
    problems = found.json()["error"]["problems"]
    assert [problem["where"] for problem in problems] == list(options)
    assert problems[0]["value"] == "astronaut/early"
    assert "technology/early" in problems[0]["expected"]
    assert not out.exists()
    assert "5 problems" in run("demo", *given).refused()


def test_a_folder_that_cannot_be_written_is_said_before_the_exam(run: Run, tmp_path: Path):
    file = tmp_path / "file"
    file.write_text("")
    for out in (file, file / "below", "/proc/no-such"):
        message = run("demo", "--out", out, "--data", tmp_path / "data").refused()
        assert "--out" in message
    assert not (tmp_path / "data").exists()


def test_a_server_that_does_not_answer_is_said_to_be_the_fault(run: Run, tmp_path: Path):
    message = run("demo", "--url", "http://127.0.0.1:1", "--out", tmp_path / "out").refused()
    assert "does not answer" in message
    assert "--url" in message


def test_a_server_that_is_another_is_said_to_be_another(run: Run, tmp_path: Path):
    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<html>somebody else</html>")

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Page) as server:
        answering = threading.Thread(target=server.handle_request, daemon=True)
        answering.start()
        url = f"http://127.0.0.1:{server.server_port}"
        message = run("demo", "--url", url, "--out", tmp_path / "out").refused()
        answering.join()
    assert "is not this service" in message
