"""The report of a calibration: summary in words, then tables and drawings, as one HTML page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from calibration.report import page, sections
from calibration.report.files import SOMETIMES, files_of
from calibration.report.findings import Findings, findings
from calibration.report.folder import Content, write_folder
from calibration.report.results import Results
from calibration.report.summary_text import summary_section
from calibration.report.words import word
from itembank.text import Language


def write_report(folder: Path, results: Results, *, language: Language = "th") -> tuple[Path, ...]:
    """Write the report and every file it offers into a folder; all of them, or none.

    Returns
    -------
    tuple of Path
        `report.html` first, then the files.
    """
    found = findings(results)
    files = files_of(results, found)
    text = report_page(results, found, files, language)
    without = [name for name in SOMETIMES if name not in files]
    return write_folder(folder, {"report.html": text.encode(), **files}, without=without)


def report_page(
    results: Results, found: Findings, files: Mapping[str, Content], language: Language
) -> str:
    """Return the report as an HTML document that needs nothing beside it."""
    calibration = results.calibration
    model = word(language, f"model.{calibration.model}")
    return page.page(
        word(language, "page.title", name=results.name or model),
        language,
        *_sections(results, found, files, language),
        subtitle=word(language, "page.subtitle", model=model, engine=calibration.engine),
        footer=word(language, "page.footer"),
    )


def _sections(
    results: Results, found: Findings, files: Mapping[str, Content], language: Language
) -> Iterator[page.Section]:
    yield summary_section(results, found, language)
    yield sections.items_section(results, found, files, language)
    yield sections.curves_section(results, found, language)
    yield sections.precision_section(results, language)
    if any(each.model != "nominal" for each in results.calibration.items):
        yield sections.map_section(results, language)
    if results.screen.options:
        yield sections.options_section(results, found, files, language)
    yield sections.persons_section(results, files, language)
    yield sections.reliability_section(results, language)
    yield sections.screen_section(results, language)
    if results.second is not None:
        yield sections.second_section(results, language)
    yield sections.record_section(results, files, language)
