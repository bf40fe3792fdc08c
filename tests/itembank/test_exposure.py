"""Exposure snapshots go to text and back, and a changed text is refused."""

import numpy as np
import pytest

import engine
from itembank import ExposureError, ExposureSnapshot
from itembank.canonical import canonical_json

ITEMS = ("DLit100-01", "DLit100-02", "DLit100-03")


@pytest.fixture
def ledger() -> engine.Ledger:
    """Ten candidates in two segments; the first item went to all of them."""
    control = engine.ExposureControl(bounds=(0.0,))
    snapshot = engine.Snapshot.open(2, 3)
    block = engine.tally(
        control,
        snapshot,
        seeds=np.arange(10, dtype=np.uint64),
        items=np.array([[0, 1 + n % 2] for n in range(10)]),
        segments=np.array([[1, 1]] * 10),
        theta=np.linspace(-1, 1, 10),
    )
    return engine.Ledger.begin(snapshot).after(engine.Eligibility(rate=0.5), block)


def document(ledger: engine.Ledger) -> ExposureSnapshot:
    return ExposureSnapshot.of(ledger, ITEMS, bank="b" * 64, scheme="c" * 64, skill_set="DLit")


def test_a_snapshot_comes_back_from_its_text_number_by_number(ledger):
    written = document(ledger)
    read = ExposureSnapshot.from_json(written.to_json(), written.hash)
    assert read.hash == written.hash
    assert read.number == 1
    for column in ("candidates", "given", "forced", "open"):
        np.testing.assert_array_equal(getattr(read.ledger, column), getattr(ledger, column))
    np.testing.assert_array_equal(read.ledger.snapshot.admission, ledger.snapshot.admission)


def test_a_text_of_another_hash_is_refused(ledger):
    written = document(ledger)
    with pytest.raises(ExposureError, match="the text was changed"):
        ExposureSnapshot.from_json(
            written.to_json().replace("DLit100-01", "DLit100-09"), written.hash
        )


def test_everything_wrong_with_a_snapshot_is_named(ledger):
    data = document(ledger).model_dump(mode="json") | {"number": 0, "items": []}
    with pytest.raises(ExposureError) as refused:
        ExposureSnapshot.from_json(canonical_json(data))
    assert {problem.where for problem in refused.value.problems} == {"number", "items"}
