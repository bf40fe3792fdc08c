"""`samatthana export-responses`: an exam that was held, read back for calibration."""

from __future__ import annotations

import pytest

from api.cli.export_responses import replaced
from calibration.responses import read_responses


def test_the_demonstrations_exam_is_exported_and_read_back(run, demonstration, tmp_path):
    out = tmp_path / "responses.csv"
    result = run("export-responses", out, "--data", demonstration.data, "--json")
    assert result.code == 0
    read = read_responses(out)
    assert read.n_rows == 1
    assert result.json() == {"file": str(out), "rows": len(read.items)}
    assert (read.answers >= 0).sum() == sum(
        each["items"] for each in demonstration.printed["sections"]
    )
    assert demonstration.printed["session"] not in out.read_text()
    some = run("export-responses", out, "--skill-set", "DLit", "--data", demonstration.data)
    assert some.code == 0
    assert "questions of ended exams" in some.out
    assert 0 < len(out.read_text().splitlines()) - 1 < len(read.items)


def test_what_cannot_be_written_or_read_is_said(run, demonstration, tmp_path):
    assert run("export-responses", tmp_path / "out.csv", "--data", tmp_path / "none").code == 3
    folder = run("export-responses", tmp_path, "--data", demonstration.data)
    assert "cannot be written" in folder.refused()


def test_a_file_takes_its_place_when_it_is_whole(tmp_path):
    out = tmp_path / "out.csv"
    out.write_text("earlier")

    def fail_half_way():
        with replaced(out) as file:
            file.write("half")
            file.flush()
            assert out.read_text() == "earlier"
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_half_way()
    assert [each.name for each in tmp_path.iterdir()] == ["out.csv"]
    with replaced(out) as file:
        file.write("whole")
    assert out.read_text() == "whole"
