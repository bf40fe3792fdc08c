"""A file read in pieces is the file read whole, whatever its size."""

from __future__ import annotations

import errno

import numpy as np
import polars as pl
import pytest

from calibration.errors import ResponsesError
from calibration.responses import InPieces, pieces, read_responses


@pytest.fixture
def write(tmp_path):
    def file(*lines):
        path = tmp_path / "answers.csv"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return file


@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_pieces_are_the_whole_every_time(tmp_path, kind):
    rng = np.random.default_rng(2)
    answers = rng.integers(1, 4, (1000, 4)).astype(np.int8)
    frame = pl.DataFrame(answers, schema=list("abcd")).with_columns(
        pl.Series("group", np.where(np.arange(1000) < 900, "z", "a")),
        pl.Series("person", [f"p{n}" for n in range(1000)]),
        pl.Series("n", rng.integers(1, 9, 1000)),
    )
    path = tmp_path / f"answers.{kind}"
    if kind == "parquet":
        frame.write_parquet(path, row_group_size=300)
    else:
        frame.write_csv(path)
    options = {"group": "group", "weight": "n"}
    whole, source = read_responses(path, **options), InPieces(path=path, size=128, options=options)
    for parts in (list(source), list(source)):
        assert max(part.n_rows for part in parts) <= 128
        joined = [np.concatenate([getattr(part, name) for part in parts]) for name in ARRAYS]
        for name, found in zip(ARRAYS, joined, strict=True):
            np.testing.assert_array_equal(found, getattr(whole, name), name)
        assert {part.groups for part in parts} == {("a", "z")}
        assert tuple(name for part in parts for name in part.persons) == whole.persons
    np.testing.assert_array_equal(joined[0], answers - 1)
    assert source.n_rows == 1000


ARRAYS = ("answers", "weight", "group")


def test_two_passes_at_once_do_not_disturb_each_other(write):
    source = InPieces(path=write("x,y", *["1,0", "0,1"] * 20), size=7)
    firsts = [(one.answers, other.answers) for one, other in zip(source, source, strict=True)]
    assert len(firsts) == 6
    for one, other in firsts:
        np.testing.assert_array_equal(one, other)


def test_the_file_is_read_once(write):
    """What a pass yields is what was there at the first."""
    path = write("x,y", *["1,0"] * 10)
    source = InPieces(path=path)
    before = next(iter(source))
    path.unlink()
    np.testing.assert_array_equal(next(iter(source)).answers, before.answers)


def test_what_is_wrong_anywhere_is_said_before_the_first_piece(write):
    with pytest.raises(ResponsesError, match="row 102, column y"):
        next(iter(InPieces(path=write("x,y", *["1,0"] * 100, "1,up"), size=10)))


def test_a_person_that_comes_again_in_another_piece_is_named(write):
    path = write("person,x", *(f"p{n},1" for n in range(50)), "p3,0")
    with pytest.raises(ResponsesError) as caught:
        list(InPieces(path=path, size=10))
    assert [(each.where, each.value) for each in caught.value.problems] == [
        ("row 52, column person", "p3")
    ]
    assert "also in row 5" in caught.value.problems[0].expected
    assert (
        sum(part.n_rows for part in InPieces(path=path, size=10, options={"repeated": "keep"}))
        == 51
    )


@pytest.mark.parametrize(
    ("lines", "options", "where"),
    [
        (("person,item,response", "a,x,1"), {}, "row 1"),
        (("x,n,m", "1,2,3"), {"weight": ("n", "m")}, "weight"),
        (("person,x", "a,1"), {"repeated": "last"}, "repeated"),
    ],
)
def test_what_cannot_be_read_in_pieces_is_named(write, lines, options, where):
    with pytest.raises(ResponsesError) as caught:
        next(iter(InPieces(path=write(*lines), options=options)))
    assert [each.where for each in caught.value.problems] == [where]


def test_a_file_without_persons_is_refused(write):
    with pytest.raises(ResponsesError, match="at least one person"):
        next(iter(InPieces(path=write("x,y"))))


def test_the_sample_holds_everyone_of_a_few_with_the_options_chosen(write):
    path = write("q1,q2", "A,C", "B,D", "B,C")
    source = InPieces(path=path, size=1, options={"key": ("A", "C")})
    whole, sample = read_responses(path, key=("A", "C")), source.sample()
    np.testing.assert_array_equal(sample.raw, whole.raw)
    assert sample.options == whole.options == (("A", "B"), ("C", "D"))
    assert next(iter(source)).raw is None


def test_the_sample_of_many_is_drawn_evenly_and_does_not_depend_on_the_pieces(write, monkeypatch):
    monkeypatch.setattr(pieces, "SAMPLE", 500)
    path = write("person,x", *(f"{n},{n % 2}" for n in range(6000)))
    one, other = (InPieces(path=path, size=size).sample() for size in (100, 4000))
    assert one.persons == other.persons
    places = np.array([int(name) for name in one.persons])
    assert places.size == 500
    assert (np.diff(places) > 0).all()
    # Of 500 drawn from 6,000 without replacement: each tenth of the file has 50 (SD 6.4).
    assert np.abs(np.bincount(places // 600) - 50).max() < 4 * 6.4


def test_a_full_temporary_folder_is_named_with_the_way_out(write, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(pieces.pickle, "dump", full)
    with pytest.raises(ResponsesError, match="TMPDIR"):
        next(iter(InPieces(path=write("x,y", "1,0"))))
