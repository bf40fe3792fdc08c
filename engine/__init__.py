"""The mathematics of adaptive assessment: arrays in, arrays out.

Here live item pools and response models, densities of ability on a grid, item selection, content
balance, stopping and decision rules, the adaptive exam as a state machine, and its simulation.

Not here: names of items, texts, files, clocks, databases and global randomness. What an item asks
is the business of `itembank`; when and to whom, of `api`.

Read `adaptive` first: it is the whole exam on two pages. Then `design` for what can be chosen,
`posterior` and `ability` for how ability is estimated, and `families` for the formulas of each
response model. Every formula with its source: `docs/mathematics.md`.

    import engine

    pool = engine.ItemPool.build(a=1.2, b=[-1.0, 0.0, 1.0], c=0.25)
    design = engine.Design(pool=pool, stopping=engine.StoppingRule(max_items=2))
    state = engine.start(design, seeds=2026)
    item = engine.next_item(design, state)
    state = engine.record(design, state, item, 1)
"""

from engine import families, models
from engine.ability import eap, score
from engine.adaptive import Report, finished, next_item, record, report, start
from engine.advice import Advice, Question, advise
from engine.balance import Balance, Dividing, Weighing
from engine.classification import DecisionRule, Outcome
from engine.columns import pool_from_columns
from engine.conditions import Conditions
from engine.content import ContentTargets
from engine.cut_tests import ConfidenceInterval, GeneralisedRatio, SequentialRatio, Side
from engine.design import Design
from engine.errors import AnswerError, DesignError, InputError, PoolError, Problem
from engine.explanation import Explanation, Ground, Standing, explain, explain_course
from engine.exposed import Exposed, exposed_blocks, open_snapshot, simulate_exposed, tallied
from engine.exposure import (
    Eligibility,
    ExposureControl,
    ExposureRule,
    Ledger,
    MaximumRate,
    OverlapLimit,
    Snapshot,
    Tally,
    average_overlap,
    segment,
    tally,
)
from engine.families import Graded, ItemModel, Logistic, Nominal, PartialCredit
from engine.grid import Grid
from engine.pool import ItemPool
from engine.posterior import Posterior, Score
from engine.priors import HistogramPrior, JeffreysPrior, NormalPrior, Prior, UniformPrior
from engine.randomness import Stream, uniform
from engine.response_times import ResponseTimes
from engine.rounding import DECIMALS
from engine.selection import RULES, MaximumInformation, SelectionRule
from engine.shortcut import Shortcut
from engine.simulation import (
    PLAIN,
    Simulation,
    answer,
    compiles,
    joined,
    simulate,
    simulate_in_parts,
)
from engine.situation import Situation
from engine.state import State
from engine.stopping import Reason, StoppingRule
from engine.sympson_hetter import SympsonHetter, sympson_hetter

VERSION = "1"
"""Goes into every session's log. Raised when the same design, seed and answers could give another
item, estimate or decision than before."""

__all__ = [
    "DECIMALS",
    "PLAIN",
    "RULES",
    "VERSION",
    "Advice",
    "AnswerError",
    "Balance",
    "Conditions",
    "ConfidenceInterval",
    "ContentTargets",
    "DecisionRule",
    "Design",
    "DesignError",
    "Dividing",
    "Eligibility",
    "Explanation",
    "Exposed",
    "ExposureControl",
    "ExposureRule",
    "GeneralisedRatio",
    "Graded",
    "Grid",
    "Ground",
    "HistogramPrior",
    "InputError",
    "ItemModel",
    "ItemPool",
    "JeffreysPrior",
    "Ledger",
    "Logistic",
    "MaximumInformation",
    "MaximumRate",
    "Nominal",
    "NormalPrior",
    "Outcome",
    "OverlapLimit",
    "PartialCredit",
    "PoolError",
    "Posterior",
    "Prior",
    "Problem",
    "Question",
    "Reason",
    "Report",
    "ResponseTimes",
    "Score",
    "SelectionRule",
    "SequentialRatio",
    "Shortcut",
    "Side",
    "Simulation",
    "Situation",
    "Snapshot",
    "Standing",
    "State",
    "StoppingRule",
    "Stream",
    "SympsonHetter",
    "Tally",
    "UniformPrior",
    "Weighing",
    "advise",
    "answer",
    "average_overlap",
    "compiles",
    "eap",
    "explain",
    "explain_course",
    "exposed_blocks",
    "families",
    "finished",
    "joined",
    "models",
    "next_item",
    "open_snapshot",
    "pool_from_columns",
    "record",
    "report",
    "score",
    "segment",
    "simulate",
    "simulate_exposed",
    "simulate_in_parts",
    "start",
    "sympson_hetter",
    "tallied",
    "tally",
    "uniform",
]
