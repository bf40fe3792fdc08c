"""Nothing is said in one language only, and no page asks for words that are not there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

import api.errors
import api.web
from api.errors import ServiceError
from api.exams.events import Kind
from api.tables.accounts import AccountRole
from api.web.agencies.router import PURPOSES
from api.web.protection import CrossSiteError
from api.web.words import word, words

WEB = Path(api.web.__file__).parent
SOURCES = [*WEB.rglob("*.html"), *WEB.rglob("*.py")]
KEY = r"""["']([a-z_]+(?:\.[a-zA-Z0-9_-]+)+)["']"""
NAMED = re.compile(KEY)
ASKED_FOR = re.compile(r"(?:\bt|plain|word)\(\s*" + KEY + r"(?!\s*~)")
BEGUN = re.compile(r"""["']([a-z_]+\.(?:[a-z_]+\.)*[a-z_]*)["'] ~""")


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def refusals(kind: type[ServiceError] = ServiceError) -> Iterator[type[ServiceError]]:
    yield kind
    for narrower in kind.__subclasses__():
        yield from refusals(narrower)


def test_both_languages_have_the_same_keys():
    assert set(words("th")) == set(words("en"))


def test_both_languages_fill_in_the_same_values_and_say_something():
    for key, thai in words("th").items():
        english = words("en")[key]
        assert placeholders(thai) == placeholders(english), key
        assert thai.strip(), key
        assert english.strip(), key


def test_thai_words_are_thai_and_english_words_are_not():
    thai = re.compile(r"[\u0e00-\u0e7f]")
    without = {key for key, text in words("th").items() if not thai.search(text)}
    # The name of the other language on its button, and templates of values alone.
    assert without <= {"site.other_language", "register.error.other"}
    mixed = {key for key, text in words("en").items() if thai.search(text)}
    assert mixed == {"site.other_language", "register.name_th_hint"}


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: str(path.relative_to(WEB)))
def test_every_key_that_a_page_names_exists(source: Path):
    for key in ASKED_FOR.findall(source.read_text(encoding="utf-8")):
        assert key in words("th"), f"{source.name}: {key}"


def test_no_words_are_left_over():
    """Every key is named somewhere, in full or by the beginning that a page completes."""
    text = "\n".join(source.read_text(encoding="utf-8") for source in SOURCES)
    named = set(NAMED.findall(text))
    begun = set(BEGUN.findall(text)) | {
        "error.by_code.",
        "register.error.",
        "agency.purpose.",
        "agency.status_",
        "staff.",
    }
    left = {
        key
        for key in words("th")
        if key not in named and not any(key.startswith(beginning) for beginning in begun)
    }
    assert left == set()


@pytest.mark.parametrize("refusal", list(refusals()), ids=lambda kind: kind.__name__)
def test_every_refusal_has_words_of_its_own(refusal: type[ServiceError]):
    for language in ("th", "en"):
        assert f"error.by_code.{refusal.code}.title" in words(language)
        assert f"error.by_code.{refusal.code}.text" in words(language)


def test_the_gate_before_forms_is_among_the_refusals():
    assert CrossSiteError in set(refusals())
    assert api.errors.ForbiddenError in set(refusals())


def test_every_role_kind_of_event_and_purpose_has_words():
    for role in AccountRole:
        assert word("en", f"roles.{role.value}")
        assert word("en", f"staff.{role.value}_text")
    for kind in Kind:
        assert word("th", f"log.kind_{kind.value}")
    for purpose in PURPOSES:
        assert word("th", f"agency.purpose.{purpose}")


def test_words_that_do_not_exist_are_an_error():
    with pytest.raises(KeyError):
        word("th", "home.nothing")
