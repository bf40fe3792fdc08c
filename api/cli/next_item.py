"""`samatthana next-item`: which item comes next, and what every item is worth."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite
from typing import Annotated, Any, Literal

import typer

import engine
from api.cli import ability
from api.cli.options import Json, NoData
from api.cli.output import explained_errors, print_json
from api.cli.piped import on_disk
from engine.errors import InputError, Problem
from engine.selection.cut_information import cut_in_question
from itembank.item_files import ItemFile, read_item_file

RuleName = Literal[
    "mfi",
    "mlwi",
    "mpwi",
    "kl",
    "klp",
    "mei",
    "mepv",
    "gdi",
    "gdip",
    "bopt",
    "thopt",
    "progressive",
    "proportional",
    "random",
    "a-stratified",
    "cut",
    "loss",
]
Rule = Annotated[RuleName, typer.Option("--rule", help="How items are valued.")]
Answered = Annotated[
    str, typer.Option("--answered", metavar="ITEM:CATEGORY,...", help="Answers so far, in order.")
]
StartTheta = Annotated[
    float, typer.Option("--start-theta", help="Ability to start from, before any answer only.")
]
Seed = Annotated[int, typer.Option("--seed", min=0, help="What chance depends on.")]
Step = Annotated[
    int | None, typer.Option("--step", min=0, help="The same (default: how many were answered).")
]
Length = Annotated[
    int, typer.Option("--length", min=1, help="Items of the exam, for the rules that look ahead.")
]
Cuts = Annotated[str, typer.Option("--cuts", help="Cut scores, for the rules cut and loss.")]
PStar = Annotated[
    float, typer.Option("--p-star", help="Probability that shows a level, for the same.")
]


def next_item(
    items: ability.Items,
    answered: Answered = "",
    rule: Rule = "mfi",
    method: ability.HowEstimated = "eap",
    prior: ability.PriorText = "normal:0,1",
    grid: ability.GridText = "-6,6,121",
    bounds: ability.BoundsText = None,
    metric: ability.Metric = 1.0,
    start_theta: StartTheta = 0.0,
    seed: Seed = 0,
    step: Step = None,
    length: Length = 20,
    cuts: Cuts = "0",
    p_star: PStar = 0.5,
    as_json: Json = False,
    _: NoData = None,
) -> None:
    """Say which item comes next and why: the value of each, by the rule chosen.

    Of equal values, to nine decimals, the first item in the file wins. Rules: docs/selection.md.
    """
    believed, nodes = ability.parsed_prior(prior), ability.parsed_grid(grid)
    limits, cut_scores = ability.parsed_bounds(bounds), ability.parsed_cuts(cuts)
    with explained_errors(as_json=as_json), on_disk(items) as item_file:
        bank = read_item_file(item_file, metric=metric)
        given, categories = _parsed_answers(answered, bank)
        needs_cuts = rule in ("cut", "loss")
        question = engine.Question(
            rule=engine.RULES[rule],
            method=method,
            prior=believed,
            grid=nodes,
            bounds=limits,
            start_theta=start_theta,
            decision=engine.DecisionRule(cut_scores, p_star) if needs_cuts else None,
            longest=length,
            seed=seed,
            step=step,
        )
        advice = engine.advise(bank.pool, given, categories, question)
        result = _result(bank, advice, question)
        print_json(result) if as_json else _print(result)


def _parsed_answers(text: str, bank: ItemFile) -> tuple[list[int], list[int]]:
    """Read `63:0,10:1`; a colon in an item's name is no obstacle."""
    answers = [part.strip() for part in text.split(",") if part.strip()]
    problems = list(_answer_problems(answers, bank))
    if problems:
        raise InputError("--answered", problems)
    pairs = [_split(answer) for answer in answers]
    return [bank.place(name) or 0 for name, _ in pairs], [int(category) for _, category in pairs]


def _split(answer: str) -> tuple[str, str]:
    name, _, category = answer.rpartition(":")
    return name.strip(), category.strip()


def _answer_problems(answers: list[str], bank: ItemFile) -> Iterator[Problem]:
    seen: set[str] = set()
    for number, answer in enumerate(answers, 1):
        where = f"--answered, answer {number}"
        name, category = _split(answer)
        place = bank.place(name)
        if not name:
            yield Problem(where, answer, "ITEM:CATEGORY")
        elif place is None:
            yield Problem(where, name, "an item of the file")
        elif name in seen:
            yield Problem(where, name, "an item not answered before")
        elif not category.isdecimal() or int(category) >= bank.pool.n_categories[place]:
            last = bank.pool.n_categories[place] - 1
            yield Problem(where, answer, f"a category of item {name}, 0 to {last}")
        seen.add(name)


def _result(bank: ItemFile, advice: engine.Advice, question: engine.Question) -> dict[str, Any]:
    rows = zip(bank.names, advice.criterion.tolist(), advice.eligible.tolist(), strict=True)
    result = {
        "theta": advice.theta,
        "se": advice.se,
        "next": None if advice.chosen is None else bank.names[advice.chosen],
        "criterion": question.rule.name,
        "better": question.rule.better,
        "reason": "exhausted" if advice.chosen is None else None,
        "items": [{"item": item, "value": value, "eligible": ok} for item, value, ok in rows],
    }
    if question.rule.name == "cut":
        result["cut"] = advice.situation.cuts[int(cut_in_question(advice.situation)[0])]
    return result


def _print(result: dict[str, Any]) -> None:
    """Print the choice, then the items, the best first."""
    error = f"{result['se']:.4f}" if isfinite(result["se"]) else "unknown"
    print(f"theta {result['theta']:.4f}, standard error {error}")
    if result["next"] is None:
        print("no item is left: every one was answered")
    else:
        at = f" at the cut {result['cut']:g}" if "cut" in result else ""
        print(f"next: {result['next']}, by {result['criterion']}{at} ({result['better']} wins)")
    best_first = sorted(
        result["items"],
        key=lambda row: (not row["eligible"], row["value"] * _sign(result["better"])),
    )
    for row in best_first:
        mark = "" if row["eligible"] else "  not eligible"
        print(f"{row['item']:>12}  {row['value']:.6g}{mark}")


def _sign(better: str) -> int:
    return -1 if better == "max" else 1
