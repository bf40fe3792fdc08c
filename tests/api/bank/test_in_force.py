"""What is in force: a bank under a scheme, put there on purpose, and back again."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import text
from sqlmodel import Session, col, select

import api.bank.publishing
from api.bank.history import published_banks
from api.bank.opening import open_catalogue, own_content
from api.bank.publishing import publish_bank, use_bank
from api.database import connect_once
from api.database.migrate import migrate
from api.errors import ConflictError, NotFoundError
from api.tables import AuditEntry, BankInForce
from engine.errors import InputError
from itembank import Release, Scheme, fingerprint, load_items
from tests.api.conftest import START


@pytest.fixture
def other_scheme() -> Scheme:
    """The program's scheme under another version."""
    framework, scheme = own_content()
    return Scheme.from_data({**scheme.model_dump(mode="json"), "version": "test-2"}, framework)


@pytest.fixture
def db(engine):
    with Session(engine) as db:
        yield db


@pytest.fixture
def two(db: Session, secret_bank: Path) -> tuple[Release, Release]:
    """Two banks, the second in force."""
    first = publish_bank(db, secret_bank, START)
    edit(secret_bank, lambda item: item.update(version=2))
    return first, publish_bank(db, secret_bank, START)


def edit(bank: Path, change: Any, place: str = "DG/DG200.yaml") -> None:
    path = bank / place
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    change(content["items"][0])
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")


def hashes(db: Session) -> tuple[str | None, str]:
    catalogue = open_catalogue(db, demo=False)
    return catalogue.release.hash if catalogue.release else None, catalogue.scheme.hash


def acts(db: Session) -> list[tuple[str, str, Any]]:
    rows = db.exec(select(AuditEntry).order_by(col(AuditEntry.id)))
    return [(row.action, row.subject, row.detail.get("scheme")) for row in rows]


def test_before_any_bank_the_programs_scheme_is_in_force(db: Session) -> None:
    assert hashes(db) == (None, own_content()[1].hash)
    assert published_banks(db) == []


def test_the_bank_published_last_is_in_force(db: Session, two) -> None:
    assert hashes(db) == (two[1].hash, own_content()[1].hash)


def test_an_earlier_bank_is_put_in_force_again_with_its_row_of_the_audit_trail(
    db: Session, two
) -> None:
    first, second = two
    assert use_bank(db, first.hash[:8], START).release.hash == first.hash
    scheme = own_content()[1].hash
    assert hashes(db) == (first.hash, scheme)
    assert acts(db) == [
        ("publish_bank", first.hash, scheme),
        ("publish_bank", second.hash, scheme),
        ("use_bank", first.hash, scheme),
    ]
    listed = published_banks(db)
    assert [(each.bank, each.in_force) for each in listed] == [
        (first.hash, True),
        (second.hash, False),
        (first.hash, False),
    ]
    assert {each.n_items for each in listed} == {len(first.items)}


def test_a_scheme_of_ones_own_is_stored_and_comes_back_with_its_bank(
    db: Session, secret_bank: Path, other_scheme: Scheme
) -> None:
    first = publish_bank(db, secret_bank, START, scheme=other_scheme)
    assert hashes(db) == (first.hash, other_scheme.hash)
    edit(secret_bank, lambda item: item.update(version=2))
    publish_bank(db, secret_bank, START)
    use_bank(db, first.hash, START)
    assert hashes(db) == (first.hash, other_scheme.hash)
    use_bank(db, first.hash, START, scheme=own_content()[1])
    assert hashes(db) == (first.hash, own_content()[1].hash)


def test_a_scheme_that_the_bank_does_not_fit_changes_nothing(
    db: Session, two, other_scheme: Scheme
) -> None:
    data = copy.deepcopy(other_scheme.model_dump(mode="json"))
    for rules in data["skill_sets"]:
        rules["blueprint"].update(min_items=90, max_items=90)
    many = Scheme.from_data(data, own_content()[0])
    with pytest.raises(InputError) as refusal:
        use_bank(db, two[0].hash, START, scheme=many)
    assert len(refusal.value.problems) == len(many.skill_sets)
    assert hashes(db)[0] == two[1].hash


def test_what_is_in_force_already_is_not_put_there_again(db: Session, two) -> None:
    with pytest.raises(ConflictError, match="in force already"):
        use_bank(db, two[1].hash, START)


@pytest.mark.parametrize(
    ("name", "refusal"),
    [("0" * 12, NotFoundError), ("abc", InputError), ("%" * 9, InputError), ("", InputError)],
)
def test_a_name_of_no_bank_is_refused(db: Session, two, name: str, refusal: Any) -> None:
    with pytest.raises(refusal):
        use_bank(db, name, START)


def test_a_bank_whose_items_have_become_public_stays_out(
    db: Session, two, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = two
    burnt = first.items[0]
    own = load_items()
    monkeypatch.setattr(
        api.bank.publishing,
        "fingerprints",
        lambda items: {fingerprint(item) for item in own} | {burnt.fingerprint},
    )
    with pytest.raises(InputError) as refusal:
        use_bank(db, first.hash, START)
    assert [(each.where, each.value) for each in refusal.value.problems] == [
        (burnt.id, "a public item")
    ]


def test_a_bank_published_before_says_how_to_use_it_again(
    db: Session, secret_bank: Path, two
) -> None:
    edit(secret_bank, lambda item: item.update(version=1))
    with pytest.raises(ConflictError, match=f"samatthana bank use {two[0].hash[:8]}"):
        publish_bank(db, secret_bank, START)


def test_another_wording_needs_another_version(db: Session, secret_bank: Path, two) -> None:
    def reworded(item: dict[str, Any]) -> None:
        item["stem"] = {language: f"{words} *" for language, words in item["stem"].items()}

    edit(secret_bank, reworded)
    with pytest.raises(InputError) as refusal:
        publish_bank(db, secret_bank, START)
    (problem,) = refusal.value.problems
    assert (problem.where, problem.value) == ("DG200-01.version", 2)
    assert hashes(db)[0] == two[1].hash
    edit(secret_bank, lambda item: item.update(version=3))
    assert publish_bank(db, secret_bank, START).item("DG200-01").version == 3


def test_another_wording_of_a_shared_text_needs_another_version(
    db: Session, secret_bank: Path
) -> None:
    def stimulus(words: str, version: int) -> None:
        text = {"th": f"ประกาศ {words}", "en": f"Notice {words}"}
        entry = {"id": "DG-S01", "version": version, "text": text}
        content = yaml.safe_dump({"stimuli": [entry]}, allow_unicode=True)
        (secret_bank / "DG" / "stimuli.yaml").write_text(content, encoding="utf-8")

    edit(secret_bank, lambda item: item.update(stimulus="DG-S01"))
    stimulus("one", 1)
    first = publish_bank(db, secret_bank, START)
    assert first.stimulus_of(first.item("DG200-01")) is not None
    stimulus("two", 1)
    with pytest.raises(InputError) as refusal:
        publish_bank(db, secret_bank, START)
    assert [each.where for each in refusal.value.problems] == ["DG-S01.version"]
    stimulus("two", 2)
    publish_bank(db, secret_bank, START)


def test_an_upgrade_goes_on_with_the_bank_published_last(
    database, engine, secret_bank: Path, other_scheme: Scheme
) -> None:
    with Session(engine) as db:
        first = publish_bank(db, secret_bank, START, scheme=other_scheme)
        db.commit()
    # As the tables were before they said what is in force.
    owner = connect_once(database.owner)
    with owner.begin() as connection:
        connection.execute(text("DROP TABLE bank_in_force"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0002'"))
    migrate(database.owner)
    with Session(engine) as db:
        (row,) = db.exec(select(BankInForce)).all()
        assert (row.bank_hash, row.scheme_hash) == (first.hash, other_scheme.hash)


def test_a_demonstration_has_nothing_else_in_force(service, engine) -> None:
    with Session(engine) as db:
        with pytest.raises(ConflictError, match="demonstration"):
            use_bank(db, "0" * 8, START)
        assert db.exec(select(BankInForce)).all() == []
