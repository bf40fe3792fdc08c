"""Files of an assembly: forms.csv, and a page that says what the forms come to."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import numpy as np
from markupsafe import Markup

from calibration.assembly.plan import Aim
from calibration.assembly.result import Form, Result, plain_number
from calibration.assembly.words import word
from calibration.report import drawing, page
from calibration.report.folder import write_folder
from engine import models
from engine.arrays import FloatArray
from engine.pool import ItemPool
from itembank.blueprint.words import ends_in_words
from itembank.text import Language

CURVE = np.linspace(-4.0, 4.0, 81)
FORMS, REPORT = "forms.csv", "report.html"


def write_report(result: Result, folder: Path, language: Language = "en") -> tuple[Path, ...]:
    """Write the files into a folder, which is made if need be, and return their paths."""
    files = {FORMS: forms_csv(result), REPORT: report_page(result, language)}
    return write_folder(folder, {name: text.encode() for name, text in files.items()})


def forms_csv(result: Result) -> str:
    """Return a row for each item of each form, with all that is known of the item."""
    attributes = result.request.attributes
    places = {item: place for place, item in enumerate(attributes.items)}
    names = [name for name in attributes.columns if name != "item"]
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["form", "position", "item", *names])
    for form in result.forms:
        for position, item in enumerate(form.items, 1):
            cells = [attributes.columns[name].text[places[item]] for name in names]
            writer.writerow([form.number, position, item, *cells])
    return text.getvalue()


def report_page(result: Result, language: Language = "en") -> str:
    """Return the page: outcome, information, constraints, items."""
    parts = [_summary, _information, _constraints, _items] if result.forms else [_summary]
    return page.page(
        word(language, "title"),
        language,
        *(part(result, language) for part in parts),
        subtitle=result.goal_in_words(language),
    )


def _summary(result: Result, language: Language) -> page.Section:
    good = result.assembly.status.value == "optimal"
    outcome = page.notice(
        page.paragraph(result.outcome_in_words(language)), kind="good" if good else "notice"
    )
    figures = [
        (word(language, "forms"), str(len(result.forms))),
        (word(language, "pool_items"), str(result.request.plan.specification.n_items)),
        (word(language, "constraints"), str(len(result.request.plan.specification.names))),
    ]
    advice = [*result.advice(language)]
    told = [
        *map(page.paragraph, result.conflicts_in_words(language)),
        *([page.points(advice)] if advice else []),
    ]
    return page.section(word(language, "outcome"), outcome, page.facts(figures), *told)


def _information(result: Result, language: Language) -> page.Section:
    goal = result.request.plan.goal
    points = [word(language, "at", theta=plain_number(theta)) for theta in goal.theta]
    columns = [
        page.Column(heading=word(language, "form")),
        page.Column(heading=word(language, "items"), numbers=True),
        *(page.Column(heading=point, numbers=True) for point in points),
    ]
    rows = [
        [
            _name(form.number, language),
            str(len(form.items)),
            *(f"{each:.3f}" for each in form.information),
        ]
        for form in result.forms
    ]
    parts = [
        _curves(result, language),
        page.table(columns, rows, label=word(language, "information_of_each")),
    ]
    return page.section(word(language, "information"), *parts, *_common(result, language))


def _common(result: Result, language: Language) -> Iterator[Markup]:
    """Which forms share items; nothing where there is one form."""
    common = list(result.common_items())
    sharing = [(one, other, number) for one, other, number in common if number]
    if common and not sharing:
        yield page.paragraph(word(language, "none_common"))
    if sharing:
        yield page.points(
            word(language, "common", one=one, other=other, number=number)
            for one, other, number in sharing
        )


def _name(number: int, language: Language) -> str:
    # A name that breaks over lines is hard to read.
    return word(language, "form_number", number=number).replace(" ", "\N{NO-BREAK SPACE}")


def _curves(result: Result, language: Language) -> Markup:
    """Information of each form by ability, with the points asked for."""
    goal = result.request.plan.goal
    with drawing.plot() as (figure, axes):
        for number, curve in enumerate(_form_curves(result)):
            colour = drawing.SERIES[number % len(drawing.SERIES)]
            dashes = drawing.DASHES[number % len(drawing.DASHES)]
            label = _name(number + 1, language)
            axes.plot(CURVE, curve, color=colour, linestyle=dashes, label=label)
        if goal.aim == Aim.TARGET:
            axes.plot(
                goal.theta, goal.levels, "o", color=drawing.INK, label=word(language, "target")
            )
        else:
            for theta in goal.theta:
                axes.axvline(theta, color=drawing.LINE, linewidth=0.8)
        axes.set_xlabel(word(language, "theta_axis"))
        axes.set_ylabel(word(language, "information"))
        axes.set_ylim(bottom=0)
        axes.legend()
        picture = drawing.svg(
            figure, name="information", description=word(language, "curves_describe")
        )
    return page.figure(picture, word(language, "curves_say"))


def _form_curves(result: Result) -> Iterator[FloatArray]:
    pool: ItemPool = result.request.items
    for items in result.assembly.forms:
        yield models.information(pool.take(items), CURVE).sum(axis=1)


def _constraints(result: Result, language: Language) -> page.Section:
    tables = [_measures(form, language) for form in result.forms]
    first, *others = tables
    folded = [
        page.folded(_name(number, language), each) for number, each in enumerate(others, start=2)
    ]
    return page.section(word(language, "constraints"), first, *folded)


def _measures(form: Form, language: Language) -> Markup:
    columns = [
        page.Column(heading=word(language, "constraint")),
        page.Column(heading=word(language, "value"), numbers=True),
        page.Column(heading=word(language, "demanded")),
    ]
    rows = [
        [
            f"{each.name}, {each.part}" if each.part else each.name,
            f"{each.value:.6g}" if each.value == each.value else word(language, "no_value"),
            ends_in_words(each.low, each.high, language),
        ]
        for each in form.measures
    ]
    return page.table(columns, rows, label=word(language, "comes_to", number=form.number))


def _items(result: Result, language: Language) -> page.Section:
    columns = [
        page.Column(heading=word(language, "form")),
        page.Column(heading=word(language, "items_in_order")),
    ]
    rows = [[_name(form.number, language), ", ".join(form.items)] for form in result.forms]
    attachment = page.Attachment(
        name=FORMS, content=forms_csv(result).encode(), about=word(language, "file_about")
    )
    return page.section(
        word(language, "items"),
        page.table(columns, rows, label=word(language, "items_of_each")),
        page.downloads([attachment], language),
    )
