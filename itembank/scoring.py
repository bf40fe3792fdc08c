"""From a raw answer to a category: 1 for the key, 0 for another option."""

from __future__ import annotations

from engine.errors import Problem
from itembank.errors import OptionError
from itembank.items import Question


def score_answer(item: Question, option: str) -> int:
    """The category of an answer.

    Parameters
    ----------
    item
        The item that was answered.
    option
        The id of the option chosen.

    Returns
    -------
    int
        1 if it is the key, else 0.

    Raises
    ------
    OptionError
        If the item has no such option.
    """
    if option not in item.option_ids:
        expected = f"one of the options {', '.join(item.option_ids)}"
        raise OptionError(f"Answer to {item.id}", [Problem("answer", option, expected)])
    return int(option == item.key)
