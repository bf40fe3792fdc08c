"""A bank is published whole, calibrated and secret, or not at all."""

from __future__ import annotations

import pytest
import yaml
from fastapi.testclient import TestClient
from sqlmodel import Session, select

from api.app import create_app
from api.bank.catalogue import Pinned
from api.bank.opening import demonstration_catalogue
from api.bank.publishing import publish_bank, put_in_force
from api.errors import ConflictError, OperatorError
from api.settings import Settings
from api.tables import PublishedDocument
from engine.errors import InputError
from itembank import CONTENT, Scheme, build_release, load_items
from itembank.items import Parameters
from tests.api.conftest import START


def published(db: Session) -> list[str]:
    return sorted(db.exec(select(PublishedDocument.kind)).all())


def test_a_calibrated_secret_bank_is_published_and_taken_up(
    database, engine, secret_bank, tmp_path, signer
):
    with Session(engine) as db:
        release = publish_bank(db, secret_bank, START)
        db.commit()
        assert published(db) == ["bank", "framework", "scheme"]
    assert not release.specimen
    app = create_app(Settings(data=tmp_path), database.application, signer=signer)
    with TestClient(app):
        assert app.state.context.catalogue.release.hash == release.hash


def test_public_items_are_refused_by_their_content(engine):
    with Session(engine) as db, pytest.raises(InputError) as refusal:
        publish_bank(db, CONTENT, START)
    assert len(refusal.value.problems) >= 105
    with Session(engine) as db:
        assert published(db) == []


def test_one_public_item_among_secret_ones_is_named(engine, secret_bank):
    path = secret_bank / "DG" / "DG200.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    stem = content["items"][0]["stem"]
    content["items"][0]["stem"] = {key: text.removesuffix(" *") for key, text in stem.items()}
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    with Session(engine) as db, pytest.raises(InputError) as refusal:
        publish_bank(db, secret_bank, START)
    (problem,) = refusal.value.problems
    assert "DG200-01" in problem.where


def test_a_skill_set_without_items_is_named(engine, secret_bank):
    for path in (secret_bank / "DTr").glob("*.yaml"):
        path.unlink()
    with Session(engine) as db, pytest.raises(InputError) as refusal:
        publish_bank(db, secret_bank, START)
    assert all(problem.where.startswith("DTr") for problem in refusal.value.problems)


def test_constraints_that_the_bank_cannot_keep_are_named(engine, secret_bank):
    shown = demonstration_catalogue()
    data = shown.scheme.model_dump(mode="json")
    for rules in data["skill_sets"]:
        if rules["code"] == "DG":
            hard = {"name": "hard", "where": "level == 3", "min": 9}
            rules["blueprint"].update(min_items=12, constraints=[hard])
    scheme = Scheme.from_data(data, shown.framework)
    with Session(engine) as db, pytest.raises(InputError) as refusal:
        publish_bank(db, secret_bank, START, scheme=scheme)
    (problem,) = refusal.value.problems
    assert problem.where == "DG: blueprint.constraints"
    assert problem.value == "hard (at least 9; 5 items of the pool are meant)"
    with Session(engine) as db:
        assert published(db) == []


def test_the_same_bank_is_published_once(engine, secret_bank):
    with Session(engine) as db:
        publish_bank(db, secret_bank, START)
        with pytest.raises(ConflictError, match="published before"):
            publish_bank(db, secret_bank, START)


def test_a_demonstration_publishes_nothing_else(service, engine, secret_bank):
    with Session(engine) as db, pytest.raises(ConflictError, match="demonstration"):
        publish_bank(db, secret_bank, START)


def test_everything_that_a_bank_lacks_is_named_at_the_start(
    database, engine, tmp_path, signer, clock
):
    """As after an upgrade to a program that asks for more."""
    shown = demonstration_catalogue()
    parameters = Parameters(model="2pl", a=1.1, b=0.2)
    items = [
        item.model_copy(update={"parameters": parameters})
        for item in load_items(framework=shown.framework)
        if item.skill_set == "DG"
    ]
    only = build_release(items, shown.framework, shown.scheme, demonstration=False)
    with Session(engine) as db:
        pinned = Pinned(shown.framework, shown.scheme, only)
        put_in_force(db, pinned, clock(), action="publish_bank")
        db.commit()
    with pytest.raises(OperatorError, match="does not fit its scheme") as refusal:
        create_app(Settings(data=tmp_path), database.application, signer=signer, clock=clock)
    lacking = {problem.where.partition(":")[0] for problem in refusal.value.problems}
    assert lacking == {rules.code for rules in shown.scheme.skill_sets} - {"DG"}
