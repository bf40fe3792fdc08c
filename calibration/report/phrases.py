"""Sentences that a calibration says in English, in the reader's language."""

from __future__ import annotations

import re

from calibration.report.words import word
from itembank.text import Language

PATTERNS = {
    "unanswered": r"nobody answered it",
    "all_wrong": r"everyone who answered it is in category 0 \(all wrong\)",
    "all_right": r"everyone who answered it is in category 1 \(all right\)",
    "one_category": r"everyone who answered it is in category (?P<category>\d+)",
    "unlinked": r"only (?P<groups>.+) answered it, who share no item with (?P<first>.+)",
    "gap": r"nobody in category (?P<categories>[\d, ]+): the categories above move down",
    "negative": r"negative slope",
    "endless": r"the steeper, the likelier",
    "no_maximum": r"the likelihood has no maximum: the steeper, the likelier are (?P<items>.+)",
    "c_at_zero": r"most likely at c = 0",
    "d_at_one": r"most likely at d = 1",
    "bound": r"slope at girth's bound of (?P<bound>[\d.]+)",
    "too_few": r"(?P<persons>[\d.e+]+) persons for (?P<parameters>\d+) parameters: too few .*",
    "group_too_few": r"group (?P<group>.+): (?P<persons>[\d.e+]+) persons? (?:is|are) too few for its "
    r"mean and standard deviation",
    "unknown": r"the answers do not tell these parameters: (?P<names>.+)",
    "spacing": r"the nodes are (?P<step>[\d.]+) apart, wider than the smallest posterior standard "
    r"deviation, (?P<narrowest>[\d.e-]+): give more nodes",
    "ends": r"(?P<share>[\d.]+%) of the persons lie at the ends of the nodes, (?P<lo>\S+) and "
    r"(?P<hi>\S+): give wider ones",
}
"""What estimation says, and under which key of the words the same stands in both languages."""


def phrase(text: str, language: Language) -> str:
    """Return what the estimation says in a language; as it is where it is not known."""
    if language == "en":
        return text
    whole = _known(text, language)
    if whole is not None:
        return whole
    parts = text.split("; ")
    return text if len(parts) == 1 else "; ".join(phrase(part, language) for part in parts)


def kind_of(text: str) -> str | None:
    """Return under which key of `PATTERNS` a sentence stands; None where it is not known."""
    return next((key for key, pattern in PATTERNS.items() if re.fullmatch(pattern, text)), None)


def _known(text: str, language: Language) -> str | None:
    key = kind_of(text)
    match = re.fullmatch(PATTERNS[key], text) if key else None
    return word(language, f"phrase.{key}", **match.groupdict()) if match else None
