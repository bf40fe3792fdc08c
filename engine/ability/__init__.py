"""Estimators of ability from whole patterns of answers.

Read `scoring` first: one door to all of them. `eap` integrates; `modes` finds the largest value of
what `equations` adds to the log-likelihood; `robust` discounts answers that surprise.
"""

from engine.ability.eap import eap
from engine.ability.scoring import METHODS, Method, score

__all__ = ["METHODS", "Method", "eap", "score"]
