"""Registering: everything that is wrong is said at once, and a password is never said back."""

from __future__ import annotations

from itertools import product

from api.accounts.service import LATIN_NAME, THAI_NAME
from api.certificates.facts import LONGEST_NAME, PRINTABLE
from tests.api.people import SECRET, Service

GOOD = {
    "username": "somjai",
    "password": SECRET,
    "name_th": "นางสาวสมใจ ณ อยุธยา",
    "name_latin": "Ms. Somjai na Ayutthaya",
    "agency": "DEMO-A",
    "target_group": "technology",
}


def register(service: Service, **changes: object):
    return service.client.post("/api/v1/accounts", json={**GOOD, **changes})


def wrong_fields(reply) -> list[str]:
    assert reply.status_code == 422, reply.text
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.json()["code"] == "invalid-request"
    return sorted(problem["where"] for problem in reply.json()["problems"])


def test_a_person_can_register_and_log_in(service: Service):
    reply = register(service)
    assert reply.status_code == 201
    given = {"username": "SomJai ", "password": SECRET}
    login = service.client.post("/api/v1/login", json=given)
    assert login.json()["account"] == reply.json()
    assert reply.json()["role"] == "candidate"
    assert reply.json()["agency"]["code"] == "DEMO-A"


def test_names_are_kept_without_stray_spaces_and_with_composed_letters(service: Service):
    reply = register(service, name_th="  นาย  สมชาย\u00a0ดี ", name_latin="Mr. Jose\u0301 Dee")
    assert reply.json()["name_th"] == "นาย สมชาย ดี"
    assert reply.json()["name_latin"] == "Mr. José Dee"


def test_everything_that_is_wrong_is_said_at_once(service: Service):
    register(service)
    reply = register(
        service,
        username="SOMJAI",
        password="short",
        name_th="Somjai",
        name_latin="สมใจ",
        agency="NO-SUCH",
        target_group="astronauts",
        language="fr",
    )
    assert wrong_fields(reply) == [
        "agency",
        "language",
        "name_latin",
        "name_th",
        "password",
        "target_group",
        "username",
    ]


def test_an_empty_form_names_every_field_that_is_needed(service: Service):
    reply = service.client.post("/api/v1/accounts", json={})
    assert wrong_fields(reply) == sorted(GOOD)


def test_a_name_that_is_taken_is_refused_whatever_its_letters_size(service: Service):
    register(service)
    for name in ("somjai", "SOMJAI", " SomJai "):
        reply = register(service, username=name)
        assert (reply.status_code, reply.json()["code"]) == (409, "name-taken")
        assert reply.json()["problems"][0]["where"] == "username"


BAD_NAMES = {
    "nothing": "",
    "spaces": "   ",
    "digits": "0123456789",
    "thai digits": "๑๒๓๔",
    "nul": "a\0b",
    "right to left mark": "Somjai\u202eeeD",
    "zero width": "Som\u200bjai",
    "emoji": "Somjai 🌸",
    "line break within a tag": "<b>\nSomjai",
    "ten thousand letters": "a" * 10_000,
    "signs alone": "-.()",
}


def test_odd_text_is_refused_by_field(service: Service):
    for field, (what, value) in product(("username", "name_latin", "name_th"), BAD_NAMES.items()):
        if (field, what) == ("username", "digits"):
            continue  # a name to log in with may consist of digits
        reply = register(service, **{field: value})
        assert wrong_fields(reply) == [field], what
        assert len(reply.content) < 2_000


def test_odd_text_in_every_field_at_once_is_refused(service: Service):
    for value in ("\0", "🌸", "ก" * 10_000, "\u202e"):
        assert wrong_fields(register(service, **dict.fromkeys(GOOD, value)))


def test_a_thai_name_needs_a_consonant_and_no_signs_of_other_uses(service: Service):
    for name in ("ัััั", "ๆ", "์ ์", "ก๏", "ก฿", "ก๑"):
        assert wrong_fields(register(service, name_th=name)) == ["name_th"]


def test_a_lone_surrogate_is_refused(service: Service):
    body = b'{"username": "\\ud800", "password": "\\ud800", "name_latin": "\\ud800"}'
    reply = service.client.post(
        "/api/v1/accounts", content=body, headers={"Content-Type": "application/json"}
    )
    assert {"username", "password", "name_latin"} <= set(wrong_fields(reply))


def test_a_weak_password_is_refused_and_not_said_back(service: Service):
    for password in ("", "123456789", "x" * 201, "my name is SomJai!"):
        reply = register(service, password=password)
        assert wrong_fields(reply) == ["password"]
        assert not password or password not in reply.text


def test_a_password_is_taken_as_it_is_typed(service: Service):
    register(service, password="  spaces at both ends  ")
    for password, status in (("spaces at both ends", 401), ("  spaces at both ends  ", 200)):
        given = {"username": "somjai", "password": password}
        assert service.client.post("/api/v1/login", json=given).status_code == status


def test_a_password_stands_in_no_reply_and_no_log(service: Service, capfd, caplog):
    password = "ปลาตะเพียนทอง-7714"
    replies = [
        register(service, password=password),
        register(service, password=password),
        register(service, password=password, name_th="x", username=password, agency=password * 40),
        register(service, password=[password]),
        register(service, passwort=password),
        service.client.post("/api/v1/login", json={"username": "somjai", "password": password}),
        service.client.post("/api/v1/login", json={"username": password, "password": password}),
        service.client.post("/api/v1/login", json={"username": "somjai", "secret": password}),
        service.client.post("/api/v1/login", json=password),
    ]
    assert [reply.status_code for reply in replies] == [201, 409, 422, 422, 422, 200, 401, 422, 422]
    # What a person typed into another field is said back; the field `password` never is.
    said = [reply.text for number, reply in enumerate(replies) if number != 2]
    shown = next(each for each in replies[2].json()["problems"] if each["where"] == "password")
    logged = "".join([*capfd.readouterr(), caplog.text])
    assert password not in "".join(said) + shown["value"] + logged


def test_an_unknown_field_is_refused_by_name(service: Service):
    assert wrong_fields(register(service, role="administrator")) == ["role"]


def test_every_letter_that_a_name_may_have_can_be_printed():
    """A name that registers must never stop a certificate later."""
    for pattern, sample in ((THAI_NAME, "ก"), (LATIN_NAME, "a")):
        letters = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000]
        allowed = [letter for letter in letters if pattern.fullmatch(sample + letter)]
        assert len(allowed) > 50
        assert [letter for letter in allowed if not PRINTABLE.fullmatch(letter)] == []


def test_the_longest_name_that_registers_is_the_longest_that_is_printed(service: Service):
    longest = ("Somjai " * 30)[:LONGEST_NAME].strip()
    longest += "i" * (LONGEST_NAME - len(longest))
    assert register(service, name_latin=longest).status_code == 201
    assert wrong_fields(register(service, username="other", name_latin=longest + "i")) == [
        "name_latin"
    ]
