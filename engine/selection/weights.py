"""What criteria are weighted by: the likelihood of the answers, or the posterior."""

from __future__ import annotations

from typing import Literal

from engine.situation import Situation, Weight

Over = Literal["likelihood", "posterior"]


def weight(situation: Situation, over: Over) -> Weight:
    """Return the likelihood, or prior times likelihood, divided by its integral."""
    return situation.likelihood if over == "likelihood" else situation.prior_likelihood
