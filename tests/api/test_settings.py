"""Every wrong setting is named at once, and no password is ever repeated."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.settings import SettingsError, database_url, load_settings


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch):
    import os

    for name in list(os.environ):
        if name.startswith("SAMATTHANA_"):
            monkeypatch.delenv(name)


def test_with_nothing_set_it_serves_this_machine_from_a_folder_here():
    settings = load_settings()
    assert settings.database_url is None
    assert settings.database_owner_url is None
    assert settings.data == Path(".samatthana")
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.public_url == "http://127.0.0.1:8000"
    assert settings.demo is False


def test_the_environment_decides_and_options_win(monkeypatch):
    monkeypatch.setenv("SAMATTHANA_PORT", "9000")
    monkeypatch.setenv("SAMATTHANA_DEMO", "true")
    monkeypatch.setenv("SAMATTHANA_DATA", "~/exams")
    settings = load_settings(port=9001, host=None)
    assert settings.port == 9001
    assert settings.demo is True
    assert settings.data == Path.home() / "exams"


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("0.0.0.0", "http://localhost:8000"),
        ("::1", "http://[::1]:8000"),
        ("exams.example", "http://exams.example:8000"),
    ],
)
def test_the_address_for_browsers_follows_the_host(host, url):
    assert load_settings(host=host).public_url == url


def test_a_public_address_is_kept_without_its_last_slash():
    url = "https://exams.example.go.th/"
    assert load_settings(public_url=url).public_url == "https://exams.example.go.th"


def test_all_faults_are_named_at_once(monkeypatch):
    monkeypatch.setenv("SAMATTHANA_PORT", "70000")
    monkeypatch.setenv("SAMATTHANA_DEMO", "perhaps")
    monkeypatch.setenv("SAMATTHANA_PUBLIC_URL", "exams.example")
    monkeypatch.setenv("SAMATTHANA_DATABASE_URL", "mysql://root:hush-hush@db/exams")
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert {problem.where for problem in caught.value.problems} == {
        "SAMATTHANA_PORT",
        "SAMATTHANA_DEMO",
        "SAMATTHANA_PUBLIC_URL",
        "SAMATTHANA_DATABASE_URL",
    }
    assert "70000" in str(caught.value)
    assert "hush-hush" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "hush-hush",
        "sqlite:///hush-hush",
        "postgresql://u:hush-hush@db:port/x",
        "postgresql://u:hush-hush@db",
    ],
)
def test_what_is_no_database_url_is_refused_without_being_repeated(monkeypatch, url):
    monkeypatch.setenv("SAMATTHANA_DATABASE_URL", url)
    with pytest.raises(SettingsError, match="postgresql://user:password@host:5432/name") as caught:
        load_settings()
    assert "hush-hush" not in str(caught.value)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_the_usual_spellings_of_a_database_url_are_the_same(scheme):
    url = database_url(f"{scheme}://u:p@db:5432/exams")
    assert url.render_as_string(hide_password=False) == "postgresql+psycopg://u:p@db:5432/exams"


def test_an_owner_without_a_database_of_its_own_is_a_fault(monkeypatch):
    monkeypatch.setenv("SAMATTHANA_DATABASE_OWNER_URL", "postgresql://o:hush-hush@db/exams")
    with pytest.raises(SettingsError, match="SAMATTHANA_DATABASE_URL beside") as caught:
        load_settings()
    assert "hush-hush" not in str(caught.value)


def test_a_misspelt_variable_is_a_fault_and_not_an_embedded_database(monkeypatch):
    monkeypatch.setenv("SAMATTHANA_DATABSE_URL", "postgresql://u:hush-hush@db/exams")
    with pytest.raises(SettingsError, match="the name SAMATTHANA_DATABASE_URL") as caught:
        load_settings()
    assert "hush-hush" not in str(caught.value)


def test_variables_of_tests_are_not_ours(monkeypatch):
    monkeypatch.setenv("SAMATTHANA_TEST_STRICT", "1")
    load_settings()


def test_settings_are_shown_without_passwords(monkeypatch):
    monkeypatch.setenv("SAMATTHANA_DATABASE_URL", "postgresql://u:hush-hush@db/exams")
    assert "hush-hush" not in repr(load_settings())
