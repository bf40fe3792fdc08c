"""Registering and logging in at a browser."""

from __future__ import annotations

from collections.abc import Callable

from tests.api.web.unscripted import Browser


def test_everything_wrong_is_said_at_once_and_what_was_typed_is_kept(browser: Browser):
    browser.get("/register")
    reply = browser.send(
        "/register", name_th="Somsri", name_latin="Somsri", username="x", password="secret-typed"
    )
    assert reply.status_code == 422
    for name in ("name_th", "agency", "target_group", "username"):
        assert f'href="#{name}"' in reply.text
        assert f'id="{name}-error"' in reply.text
    assert 'id="name_latin-error"' not in reply.text
    form = browser.form("/register")
    assert form.fields["name_latin"] == ["Somsri"]
    assert form.fields["username"] == ["x"]
    assert "secret-typed" not in reply.text
    assert "กรอกรหัสผ่านอีกครั้ง" in browser.text


def test_a_taken_username_is_said_at_its_field(browse: Callable[..., Browser]):
    browse().register("somsri.test")
    second = browse("en")
    reply = second.register("somsri.test")
    assert reply.status_code == 409
    assert 'id="username-error"' in reply.text
    assert "Somebody has this username" in second.text


def test_registering_logs_in_and_leads_to_the_exam(browser: Browser):
    browser.register("somsri.test")
    assert browser.path == "/exam"
    assert browser.page.status_code == 200


def test_what_a_person_types_is_shown_and_not_run(browser: Browser):
    browser.get("/login")
    page = browser.send("/login", username='"><script>alert(1)</script>', password="x").text
    assert "<script>alert" not in page


def test_a_login_lasts_in_a_cookie_that_scripts_and_other_sites_cannot_use(browser: Browser):
    browser.get("/login")
    reply = browser.client.post(
        "/login",
        data={"username": "officer.demo", "password": "open-demonstration"},
        follow_redirects=False,
    )
    cookie = reply.headers["Set-Cookie"]
    assert reply.status_code == 303
    assert cookie.startswith("samatthana_login=")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie


def test_a_wrong_password_does_not_tell_which_names_exist(browse: Callable[..., Browser]):
    known, unknown = browse(), browse()
    first = known.log_in("officer.demo", "wrong")
    second = unknown.log_in("nobody.demo", "wrong")
    assert first.status_code == second.status_code == 401
    assert first.text.replace("officer.demo", "nobody.demo") == second.text


def test_too_many_attempts_are_counted_at_the_page_too(browser: Browser):
    replies = [browser.log_in("somchai.demo", "wrong").status_code for _ in range(11)]
    assert replies == [401] * 10 + [429]


def test_a_page_for_people_who_are_logged_in_leads_back_after_the_login(browser: Browser):
    browser.get("/my")
    assert browser.path == "/login"
    browser.send("/login", username="somchai.demo", password="open-demonstration")
    assert browser.path == "/my"


def test_logging_out_makes_the_login_worthless(browser: Browser):
    browser.log_in("somchai.demo")
    token = browser.client.cookies["samatthana_login"]
    browser.send("/logout")
    assert "samatthana_login" not in browser.client.cookies
    browser.client.cookies.set("samatthana_login", token)
    browser.get("/my")
    assert browser.path == "/login"


def test_a_language_stays_chosen_and_every_page_says_which_it_is(browser: Browser):
    browser.get("/verify")
    assert browser.reader.attributes["lang"] == "th"
    browser.send("/language")
    assert browser.path == "/verify"
    assert browser.reader.attributes["lang"] == "en"
    browser.get("/about")
    assert browser.reader.attributes["lang"] == "en"


def test_a_login_brings_the_accounts_language_where_none_was_chosen(
    browse: Callable[..., Browser],
):
    browse("en").register("somsri.test")
    browser = browse()
    browser.client.cookies.clear()
    browser.log_in("somsri.test", "a password for tests")
    assert browser.reader.attributes["lang"] == "en"
    assert browser.client.cookies["language"] == "en"
