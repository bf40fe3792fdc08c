"""A study as a page that stands alone, and as files for other programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from math import ceil
from pathlib import Path
from typing import Any

from markupsafe import Markup

from calibration.report.folder import write_folder
from calibration.report.numbers import decimal, share, with_error
from calibration.report.page import (
    Attachment,
    Column,
    Section,
    downloads,
    facts,
    figure,
    notice,
    page,
    paragraph,
    section,
    subheading,
    table,
)
from calibration.studies import drawings
from calibration.studies.figures import figures, item_rows
from calibration.studies.kept_report import kept
from calibration.studies.run import SectionStudy, Study
from calibration.studies.words import word
from itembank.text import Language

CANDIDATES = "candidates.csv"
SHARES = (
    *("coverage", "max_exposure", "overlap", "retake_overlap", "classification_accuracy"),
    *("classification_consistency", "false_positives", "false_negatives", "forced_decisions"),
    "constraints_kept",
)
DIGITS = {"mean_seconds": 1, "mean_length": 2, "retake_length": 2}
PRECISION = ("bias", "rmse", "mean_se", "coverage", "mean_length")
DECISION = (
    *("classification_accuracy", "classification_consistency"),
    *("false_positives", "false_negatives", "forced_decisions"),
)
CONTENT = ("constraints_kept",)
EXPOSURE = ("max_exposure", "overlap", "retake_overlap")
CLEARLY = 1.25
"""An exposure so many times the limit is more than chance, or a limit that is held on average."""


def write_report(study: Study, folder: Path, language: Language) -> tuple[Path, ...]:
    """Write report.html, figures.json and items.csv into a folder; return where they are."""
    files = files_of(study)
    text = report(study, language, files)
    return write_folder(folder, {"report.html": text.encode(), **files})


def files_of(study: Study) -> dict[str, bytes]:
    """Return the files beside the report, by name."""
    numbers = json.dumps(figures(study), ensure_ascii=False, indent=2, allow_nan=False)
    return {"figures.json": f"{numbers}\n".encode(), "items.csv": _csv(item_rows(study))}


def report(study: Study, language: Language, files: dict[str, bytes]) -> str:
    """Return the study as one HTML document."""
    found = figures(study)
    parts = found.get("sections", [found])
    sections: list[Section] = []
    for number, (own, each) in enumerate(zip(parts, study.sections, strict=True), 1):
        prefix = f"s{number}" if len(parts) > 1 else ""
        sections += _sections(own, each, language, prefix)
    if "sitting" in found:
        sections.append(_whole(found["sitting"], language))
    sections.append(_files(files, language))
    n = f"{study.n:,}"
    real = study.file.persons.responses is not None
    subtitle = word(language, "real", n=n) if real else _subtitle(study, language)
    title = study.file.title or word(language, "title")
    return page(title, language, *sections, subtitle=subtitle, footer=word(language, "footer"))


def warnings(study: SectionStudy, language: Language) -> Iterator[str]:
    """Yield what a reader must know before believing the figures."""
    if study.section.provisional:
        yield word(language, "provisional")
    if study.parameters is not None and not study.parameters.settled:
        checked = share(float(study.parameters.rates.max()))
        yield word(language, "not_settled", rate=checked)
    exposure, design = study.section.exposure, study.section.design
    if exposure is None or exposure.rate is None:
        return
    rate = max(exposure.rate) if isinstance(exposure.rate, tuple) else exposure.rate
    length = float(study.sums.moments["length"][:, 1].sum() / study.sums.lengths.sum())
    if length / rate > len(design.pool):
        yield word(
            language,
            "too_few",
            rate=share(rate),
            length=decimal(length, 1),
            needed=ceil(length / rate),
            items=len(design.pool),
        )
    elif (highest := _highest_rate(study)) > CLEARLY * rate:
        yield word(language, "not_held", rate=share(rate), highest=share(highest))


def _highest_rate(study: SectionStudy) -> float:
    return float(study.sums.given.sum(axis=0).max()) / int(study.sums.lengths.sum())


def band_name(low: float | None, high: float | None, language: Language) -> str:
    """Return what a band of ability is called."""
    if low is not None and low == high:
        return decimal(low)
    ends = {"low": decimal(low), "high": decimal(high)}
    if low is None and high is None:
        return "–"
    key = "below" if low is None else "above" if high is None else "between"
    # A range that breaks over lines is hard to read.
    return word(language, key, **ends).replace(" ", "\N{NO-BREAK SPACE}")


def _subtitle(study: Study, language: Language) -> str:
    return word(language, "subtitle", n=f"{study.n:,}", seed=study.file.seed)


def _sections(
    found: dict[str, Any], study: SectionStudy, language: Language, prefix: str
) -> Iterator[Section]:
    def head(key: str) -> str:
        if not prefix:
            return word(language, key)
        return word(language, f"{key}_of", name=found["section"])

    told = [notice(paragraph(text)) for text in warnings(study, language)]
    yield section(head("result"), *told, _glance(found, language), _note(language))
    rates = [float(rate) for rate in study.sums.given.sum(axis=0) / int(study.sums.lengths.sum())]
    yield section(
        head("precision"),
        figure(
            drawings.precision(found, language, f"{prefix}precision"),
            word(language, "precision_says"),
        ),
        figure(drawings.bias(found, language, f"{prefix}bias"), word(language, "bias_says")),
        _by_ability(found, PRECISION, language),
    )
    if found["constraints"]:
        yield section(head("constraints"), *kept(found["constraints"], language))
    if found["cuts"]:
        yield section(
            head("decisions"),
            paragraph(word(language, "decisions_says")),
            _levels(found["levels"], language),
            _cuts(found["decisions"], language),
            _by_ability(found, DECISION, language),
        )
    yield section(
        head("exposure"),
        figure(
            drawings.exposure(rates, language, f"{prefix}exposure"), word(language, "exposure_says")
        ),
        _by_ability(found, EXPOSURE, language),
    )
    yield section(
        head("length"),
        figure(
            drawings.lengths(found["lengths"], language, f"{prefix}length"),
            word(language, "length_says"),
        ),
        _reasons(found["reasons"], language),
    )


def _glance(found: dict[str, Any], language: Language) -> Markup:
    names = [
        *PRECISION,
        "mean_seconds",
        *CONTENT,
        *DECISION,
        *EXPOSURE,
        "retake_rmse",
        "retake_length",
    ]
    pairs = [(word(language, "items"), str(found["n_items"]))]
    pairs += [
        (word(language, name), written(found, name))
        for name in names
        if found.get(name) is not None
    ]
    pairs.append((word(language, "unused"), str(found["exposure"]["unused"])))
    return facts(pairs)


def written(found: dict[str, Any], name: str) -> str:
    """Return a figure with its Monte Carlo standard error, as people read it."""
    value, se = found.get(name), found.get(f"{name}_mc_se")
    if value is None:
        return decimal(None)
    if name in SHARES:
        return share(value) if se is None else f"{share(value)} ({decimal(100 * se, 1)})"
    return with_error(value, se, DIGITS.get(name, 3))


def _note(language: Language) -> Markup:
    return paragraph(word(language, "brackets"))


def _by_ability(found: dict[str, Any], names: Sequence[str], language: Language) -> Markup:
    known = [name for name in names if found.get(name) is not None]
    columns = [
        Column(heading=word(language, "ability")),
        Column(heading=word(language, "candidates"), numbers=True),
        *(Column(heading=word(language, name), numbers=True) for name in known),
    ]
    rows = [
        [
            band_name(band["low"], band["high"], language),
            f"{band['n']:,}",
            *(written(band, name) for name in known),
        ]
        for band in found["by_ability"]
    ]
    return table(columns, rows, label=word(language, "by_ability"))


def _levels(levels: list[list[int]], language: Language) -> Markup:
    names = [word(language, "shown_none")]
    names += [word(language, "shown", level=level) for level in range(1, len(levels))]
    columns = [
        Column(heading=word(language, "true_level")),
        *(Column(heading=name, numbers=True) for name in names),
    ]
    rows = [
        [str(level) if level else word(language, "level_none"), *(f"{n:,}" for n in row)]
        for level, row in enumerate(levels)
    ]
    return table(columns, rows, label=word(language, "true_level"))


def _cuts(decisions: list[dict[str, Any]], language: Language) -> Markup:
    columns = [
        Column(heading=word(language, "cut")),
        *(
            Column(heading=word(language, name), numbers=True)
            for name in ("wrongly_shown", "missed")
        ),
    ]
    rows = [
        [
            f"{each['level']} ({decimal(each['cut'])})",
            *(
                f"{share(each[name] or 0.0)} ({decimal(100 * (each[f'{name}_mc_se'] or 0), 1)})"
                for name in ("wrongly_shown", "missed")
            ),
        ]
        for each in decisions
    ]
    return table(columns, rows, label=word(language, "by_cut"))


def _reasons(reasons: dict[str, int], language: Language) -> Markup:
    total = sum(reasons.values())
    columns = [
        Column(heading=word(language, "reason")),
        Column(heading=word(language, "exams"), numbers=True),
        Column(heading=word(language, "share"), numbers=True),
    ]
    rows = [
        [word(language, f"reasons.{name}"), f"{count:,}", share(count / total)]
        for name, count in sorted(reasons.items(), key=lambda pair: -pair[1])
    ]
    return table(columns, rows, label=word(language, "reason"))


def _whole(sitting: dict[str, float | None], language: Language) -> Section:
    length = decimal(sitting["length"], 1)
    content = [paragraph(word(language, "whole_says", length=length))]
    right = sitting.get("classification_accuracy")
    if right is not None:
        content.append(paragraph(word(language, "whole_right", share=share(right))))
    seconds = sitting.get("seconds")
    if seconds:
        minutes = decimal(seconds / 60, 1)
        content.append(paragraph(word(language, "whole_minutes", minutes=minutes)))
    return section(word(language, "whole"), *content)


def _files(files: dict[str, bytes], language: Language) -> Section:
    about = {"figures.json": "figures_file", "items.csv": "items_file"}
    attached = [
        Attachment(name=name, content=content, about=word(language, about[name]))
        for name, content in files.items()
    ]
    beside = Markup("<code>{}</code>").format(CANDIDATES)
    return section(
        word(language, "files"),
        downloads(attached, language),
        subheading(CANDIDATES),
        Markup("<p>{}: {}</p>").format(beside, word(language, "candidates_file")),
    )


def _csv(rows: list[dict[str, Any]]) -> bytes:
    names = list(dict.fromkeys(name for row in rows for name in row))
    with io.StringIO(newline="") as text:
        writer = csv.DictWriter(text, names, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(
            {name: "" if value is None else value for name, value in row.items()} for row in rows
        )
        return text.getvalue().encode()
