"""Logging in: what a refusal tells, how guessing is slowed down, and what a token opens."""

from __future__ import annotations

from sqlmodel import select

from api.database import transaction
from api.demonstration import ACCOUNTS, AGENCIES, PASSWORD
from api.tables import AccessToken, FailedLogin
from tests.api.people import SECRET, Service, log_in

CLIENT = AGENCIES[0]


def attempt(service: Service, username: str, password: str):
    given = {"username": username, "password": password}
    return service.client.post("/api/v1/login", json=given)


def attempt_client(service: Service, client_id: str, secret: str):
    given = {"grant_type": "client_credentials"}
    return service.client.post("/api/v1/token", data=given, auth=(client_id, secret))


def client_headers(service: Service) -> dict[str, str]:
    reply = attempt_client(service, CLIENT.client_id, CLIENT.client_secret)
    assert reply.status_code == 200
    return {"Authorization": f"Bearer {reply.json()['access_token']}"}


def test_a_wrong_password_and_an_unknown_name_get_the_same_reply(service: Service, candidate):
    wrong = attempt(service, "somsri.test", "not the password")
    unknown = attempt(service, "nobody.test", "not the password")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.content == unknown.content
    assert dict(wrong.headers) == dict(unknown.headers)


def test_what_can_be_no_name_is_an_unknown_name(service: Service):
    for name in ("", "a\0b", "🌸", "ก" * 10_000, "\u202e", "' OR 1=1 --"):
        reply = attempt(service, name, SECRET)
        assert (reply.status_code, reply.json()["code"]) == (401, "wrong-credentials")
        assert name == "" or name not in reply.text


def test_after_ten_failures_even_the_right_password_is_refused(service: Service, candidate):
    for _ in range(10):
        assert attempt(service, "somsri.test", "wrong").status_code == 401
    reply = attempt(service, "SOMSRI.test", SECRET)
    assert (reply.status_code, reply.json()["code"]) == (429, "too-many-attempts")
    assert attempt(service, "somying.demo", PASSWORD).status_code == 200


def test_names_that_do_not_exist_are_slowed_down_too(service: Service):
    statuses = [attempt(service, "nobody.test", "wrong").status_code for _ in range(11)]
    assert statuses == [401] * 10 + [429]


def test_failures_are_forgotten_after_a_quarter_of_an_hour(service: Service, candidate):
    for _ in range(10):
        attempt(service, "somsri.test", "wrong")
    service.clock.advance(minutes=14, seconds=59)
    assert attempt(service, "somsri.test", SECRET).status_code == 429
    service.clock.advance(seconds=1)
    assert attempt(service, "somsri.test", SECRET).status_code == 200


def test_failures_are_forgotten_after_success(service: Service, candidate):
    for _ in range(9):
        attempt(service, "somsri.test", "wrong")
    assert attempt(service, "somsri.test", SECRET).status_code == 200
    for _ in range(10):
        assert attempt(service, "somsri.test", "wrong").status_code == 401


def test_old_failures_of_others_do_not_pile_up(service: Service):
    for number in range(3):
        attempt(service, f"nobody{number}", "wrong")
    service.clock.advance(minutes=16)
    attempt(service, "somebody", "wrong")
    with transaction(service.app.state.engine) as db:
        assert [each.name for each in db.exec(select(FailedLogin))] == ["somebody"]


def test_failures_of_a_client_are_counted_apart_and_forgotten_after_success(service: Service):
    for _ in range(9):
        reply = attempt_client(service, CLIENT.client_id, "wrong")
        assert (reply.status_code, reply.json()["code"]) == (401, "wrong-credentials")
    assert client_headers(service)
    statuses = [attempt_client(service, CLIENT.client_id, "wrong").status_code for _ in range(11)]
    assert statuses == [401] * 10 + [429]
    assert attempt(service, CLIENT.client_id, "wrong").status_code == 401


def test_odd_credentials_of_a_client_are_wrong_ones(service: Service):
    grant = {"grant_type": "client_credentials"}
    for client_id in ("", "a\0b", "ก", "x" * 5_000):
        given = {**grant, "client_id": client_id, "client_secret": "\0"}
        reply = service.client.post("/api/v1/token", data=given)
        assert (reply.status_code, reply.json()["code"]) == (401, "wrong-credentials")
    for header in ("Basic", "Basic %%%", "Basic /////w==", "Basic ZGVtby1h"):
        reply = service.client.post("/api/v1/token", data=grant, headers={"Authorization": header})
        assert (reply.status_code, reply.json()["code"]) == (401, "wrong-credentials")


def test_a_grant_of_another_type_is_refused_by_name(service: Service):
    reply = service.client.post("/api/v1/token", data={"grant_type": "password"})
    assert reply.status_code == 422
    assert reply.json()["problems"][0]["where"] == "grant_type"


def test_a_token_is_shown_once_and_kept_nowhere(service: Service):
    reply = attempt(service, "somying.demo", PASSWORD)
    assert reply.headers["cache-control"] == "no-store"
    with transaction(service.app.state.engine) as db:
        kept = [each.digest for each in db.exec(select(AccessToken))]
    assert len(kept) == 1
    assert reply.json()["token"] not in kept


def test_logging_out_kills_the_token_and_no_other(service: Service):
    first, second = (log_in(service.client, "somying.demo") for _ in range(2))
    assert service.client.post("/api/v1/logout", headers=first).status_code == 204
    assert service.client.get("/api/v1/me", headers=first).status_code == 401
    assert service.client.get("/api/v1/me", headers=second).status_code == 200
    assert service.client.post("/api/v1/logout").status_code == 204


def test_expired_tokens_of_a_client_do_not_pile_up(service: Service):
    for _ in range(3):
        headers = client_headers(service)
        service.clock.advance(minutes=61)
    reply = service.client.get("/api/v1/results?purpose=planning", headers=headers)
    assert (reply.status_code, reply.json()["code"]) == (401, "not-logged-in")
    client_headers(service)
    with transaction(service.app.state.engine) as db:
        assert len(db.exec(select(AccessToken)).all()) == 1


def routes_for(service: Service, kind: str) -> list[tuple[str, str]]:
    """Method and path of every route whose reply to nobody is `not-logged-in`, by who is meant."""
    found = []
    for path, operations in service.app.openapi()["paths"].items():
        filled = path.replace("{session_id}", "3f2b0000-0000-4000-8000-000000000000")
        filled = filled.replace("{number}", "SP-2569-4831-7265-30")
        for method, operation in operations.items():
            of_agencies = "agencies" in operation["tags"]
            reply = service.client.request(method, filled, json=BODIES.get(path))
            if reply.status_code == 401 and reply.json()["code"] == "not-logged-in":
                found += [(method, filled)] if of_agencies == (kind == "client") else []
    return found


BODIES = {
    "/api/v1/sessions/{session_id}/responses": {"sequence": 1, "item": "x", "answer": "a"},
    "/api/v1/certificates/{number}/revocation": {"reason": "a reason to revoke"},
    "/api/v1/sessions": {"language": "th", "skill_sets": ["DG"]},
}


def test_a_token_of_one_kind_opens_nothing_of_the_other(service: Service, candidate):
    of_people, of_clients = routes_for(service, "person"), routes_for(service, "client")
    assert len(of_people) >= 10
    assert ("get", "/api/v1/results") in of_clients
    client = client_headers(service)
    for method, path in of_people:
        reply = service.client.request(method, path, headers=client, json={})
        assert reply.status_code == 401, path
    for method, path in of_clients:
        for headers in (candidate.headers, log_in(service.client, "administrator.demo")):
            reply = service.client.request(method, path, headers=headers)
            assert reply.status_code == 401, path
    service.client.cookies.set("samatthana_login", client["Authorization"].split()[1])
    assert service.client.get("/api/v1/me").status_code == 401


def test_a_token_that_is_none_opens_nothing(service: Service):
    for header in (b"Bearer", b"Bearer ", b"Bearer \xff", b"Token x", b"Bearer a b"):
        reply = service.client.get("/api/v1/me", headers={"Authorization": header})
        assert reply.status_code == 401


def test_every_demonstration_account_can_log_in(service: Service):
    for account in ACCOUNTS:
        assert attempt(service, account.username, PASSWORD).json()["account"]["demonstration"]
