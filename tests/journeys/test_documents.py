"""The documents a candidate takes home, as papers: their pages as pictures, their words as text."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import numpy as np
import pypdf
import pytest

from tests.api.people import Candidate, Service, always_right
from tests.journeys.papers import lightness

THAI, LATIN = "นางสาวน้ำผึ้ง ศรีสุขที่ปู่ย่า", "Ms. Namphueng Sisukthipuya"


@pytest.fixture(scope="module")
def holder(people: Service) -> Candidate:
    """Whoever has a name with marks above marks and below letters, and has sat the exam."""
    return people.register(
        "holder.of.papers", target_group="others", name_th=THAI, name_latin=LATIN
    )


@pytest.fixture(scope="module")
def papers(holder: Candidate, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The certificate and the statement of an exam that went well."""
    result = holder.finish(holder.start("DLit"), always_right())
    addresses = {
        "certificate": result["sections"][0]["certificate"]["pdf"],
        "statement": result["statement"],
    }
    folder, paths = tmp_path_factory.mktemp("papers"), {}
    for name, address in addresses.items():
        paths[name] = folder / f"{name}.pdf"
        reply = holder.client.get(address, headers=holder.headers)
        assert reply.headers["content-type"] == "application/pdf"
        paths[name].write_bytes(reply.content)
    return paths


@pytest.mark.parametrize("name", ["certificate", "statement"])
def test_the_first_page_is_printed_and_nothing_runs_over_its_edge(papers: dict[str, Path], name):
    page = lightness(papers[name])
    ink = float(np.mean(page < 0.5))
    assert 0.01 < ink < 0.25, f"{ink:.1%} of the page is dark"
    edges = np.concatenate(
        [page[:4].ravel(), page[-4:].ravel(), page[:, :4].ravel(), page[:, -4:].ravel()]
    )
    assert edges.min() > 0.95
    rows = np.flatnonzero((page < 0.5).any(axis=1))
    assert np.ptp(rows) > 0.7 * len(page), "what is printed reaches from the top to the foot"


@pytest.mark.parametrize("name", ["certificate", "statement"])
def test_the_holders_names_are_text_that_can_be_found(papers: dict[str, Path], name):
    words = _as_signs(pypdf.PdfReader(papers[name]).pages[0].extract_text())
    for said in (THAI, LATIN, "SPECIMEN, not a certificate", "ตัวอย่าง ไม่ใช่หนังสือรับรอง"):
        assert _as_signs(said) in words


def _as_signs(text: str) -> str:
    """Write ำ as its two signs, as fonts do (NFKC)."""
    return unicodedata.normalize("NFKC", text)
