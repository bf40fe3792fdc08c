"""Files of an assembly: forms.csv, and a page that says what the forms come to."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import numpy as np
from markupsafe import Markup

from calibration.assembly.plan import Aim
from calibration.assembly.result import Form, Result
from calibration.report import drawing, page
from calibration.report.folder import write_folder
from calibration.report.numbers import MINUS
from engine import models
from engine.arrays import FloatArray
from engine.constraints.specification import bounds_in_words
from engine.pool import ItemPool

CURVE = np.linspace(-4.0, 4.0, 81)
FORMS, REPORT = "forms.csv", "report.html"


def write_report(result: Result, folder: Path) -> tuple[Path, ...]:
    """Write the files into a folder, which is made if need be, and return their paths."""
    files = {FORMS: forms_csv(result), REPORT: report_page(result)}
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


def report_page(result: Result) -> str:
    """Return the page: outcome, information, constraints, items."""
    sections = [_summary(result)]
    if result.forms:
        sections += [_information(result), _constraints(result), _items(result)]
    return page.page("Assembled forms", "en", *sections, subtitle=result.goal_in_words())


def _summary(result: Result) -> page.Section:
    good = result.assembly.status.value == "optimal"
    outcome = page.notice(
        page.paragraph(result.outcome_in_words()), kind="good" if good else "notice"
    )
    figures = [
        ("Forms", str(len(result.forms))),
        ("Items of the pool", str(result.request.plan.specification.n_items)),
        ("Constraints", str(len(result.request.plan.specification.names))),
    ]
    told = [page.points(result.advice())] if list(result.advice()) else []
    return page.section("Outcome", outcome, page.facts(figures), *told)


def _information(result: Result) -> page.Section:
    goal = result.request.plan.goal
    columns = [
        page.Column(heading="Form"),
        page.Column(heading="Items", numbers=True),
        *(page.Column(heading=f"at {_number(theta)}", numbers=True) for theta in goal.theta),
    ]
    rows = [
        [f"Form {form.number}", str(len(form.items)), *(f"{each:.3f}" for each in form.information)]
        for form in result.forms
    ]
    parts = [_curves(result), page.table(columns, rows, label="Information of each form")]
    return page.section("Information", *parts, *_common(result))


def _common(result: Result) -> Iterator[Markup]:
    """Which forms share items; nothing where there is one form."""
    common = list(result.common_items())
    sharing = [(one, other, number) for one, other, number in common if number]
    if common and not sharing:
        yield page.paragraph("No two forms have an item in common.")
    if sharing:
        yield page.points(
            f"Forms {one} and {other} have {number} items in common."
            for one, other, number in sharing
        )


def _number(value: float) -> str:
    return f"{value:g}".replace("-", MINUS)


def _curves(result: Result) -> Markup:
    """Information of each form by ability, with the points asked for."""
    goal = result.request.plan.goal
    with drawing.plot() as (figure, axes):
        for number, curve in enumerate(_form_curves(result)):
            colour = drawing.SERIES[number % len(drawing.SERIES)]
            dashes = drawing.DASHES[number % len(drawing.DASHES)]
            label = f"Form {number + 1}"
            axes.plot(CURVE, curve, color=colour, linestyle=dashes, label=label)
        if goal.aim == Aim.TARGET:
            axes.plot(goal.theta, goal.levels, "o", color=drawing.INK, label="Target")
        else:
            for theta in goal.theta:
                axes.axvline(theta, color=drawing.LINE, linewidth=0.8)
        axes.set_xlabel("Ability theta (logits)")
        axes.set_ylabel("Information")
        axes.set_ylim(bottom=0)
        axes.legend()
        picture = drawing.svg(
            figure, name="information", description="Information of each form by ability"
        )
    sentence = (
        "Parallel forms have curves that lie on one another. The standard error at an ability is one "
        "over the square root of the information there."
    )
    return page.figure(picture, sentence)


def _form_curves(result: Result) -> Iterator[FloatArray]:
    pool: ItemPool = result.request.items
    for items in result.assembly.forms:
        yield models.information(pool.take(items), CURVE).sum(axis=1)


def _constraints(result: Result) -> page.Section:
    tables = [_measures(form) for form in result.forms]
    first, *others = tables
    folded = [page.folded(f"Form {number}", each) for number, each in enumerate(others, start=2)]
    return page.section("Constraints", first, *folded)


def _measures(form: Form) -> Markup:
    columns = [
        page.Column(heading="Constraint"),
        page.Column(heading="Value", numbers=True),
        page.Column(heading="Demanded"),
    ]
    rows = [
        [
            f"{each.name}, {each.part}" if each.part else each.name,
            f"{each.value:.6g}" if each.value == each.value else "none",
            bounds_in_words(each.low, each.high),
        ]
        for each in form.measures
    ]
    return page.table(columns, rows, label=f"What form {form.number} comes to")


def _items(result: Result) -> page.Section:
    columns = [page.Column(heading="Form"), page.Column(heading="Items in the order given")]
    rows = [[f"Form {form.number}", ", ".join(form.items)] for form in result.forms]
    attachment = page.Attachment(
        name=FORMS, content=forms_csv(result).encode(), about="a row for each item of each form"
    )
    return page.section(
        "Items",
        page.table(columns, rows, label="Items of each form"),
        page.downloads([attachment], "en"),
    )
