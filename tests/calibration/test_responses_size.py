"""Files that memory cannot hold are refused before they are read."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from calibration.errors import ResponsesError
from calibration.responses import FileOptions, read_responses, size
from calibration.responses.tables import open_table


@pytest.fixture(params=["csv", "parquet"])
def path(request, tmp_path):
    frame = pl.DataFrame(np.ones((5000, 8), dtype=np.int8), schema=list("abcdefgh"))
    file = tmp_path / f"answers.{request.param}"
    frame.write_csv(file) if request.param == "csv" else frame.write_parquet(file)
    return file


def test_the_number_of_cells_is_known_before_reading(path):
    assert size.n_cells(open_table(path)) == pytest.approx(40_000, rel=0.001)


def test_a_large_wide_file_is_one_to_read_in_pieces_and_a_long_one_is_not(
    path, tmp_path, monkeypatch
):
    assert not size.is_large(path, FileOptions())
    monkeypatch.setattr(size, "LARGE", 30_000)
    assert size.is_large(path, FileOptions())
    long = tmp_path / "long.csv"
    long.write_text("person,item,response\n" + "p,i,1\n" * 20_000)
    assert not size.is_large(long, FileOptions())


def test_what_memory_does_not_hold_is_refused_with_the_way_out(path, monkeypatch):
    monkeypatch.setattr(size, "free_memory", lambda: 20_000)
    with pytest.raises(ResponsesError, match=r"about 5,000 rows.*--pieces"):
        read_responses(path)
    monkeypatch.setattr(size, "free_memory", lambda: None)
    assert read_responses(path).n_rows == 5000


def test_free_memory_is_the_least_of_machine_and_container(tmp_path, monkeypatch):
    machine, limit, used = (tmp_path / name for name in ("meminfo", "max", "current"))
    for name, file in (("MEMORY", machine), ("LIMIT", limit), ("USED", used)):
        monkeypatch.setattr(size, name, file)
    assert size.free_memory() is None
    machine.write_text("MemTotal: 900 kB\nMemAvailable:  500 kB\n")
    assert size.free_memory() == 512_000
    limit.write_text("max\n")
    used.write_text("100000\n")
    assert size.free_memory() == 512_000
    limit.write_text("300000\n")
    assert size.free_memory() == 200_000
