"""`samatthana export-responses`: an exam that was held, read back for calibration."""

from __future__ import annotations

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
