"""The words of `where`: which items a constraint means.

    level == 3 and (type == 'MC' or not missing(stimulus))
    0.4 <= p_value < 0.8
    objective in ['1B', '1C'] and item not in ["i7", "i9"]

Names are attributes; one with spaces stands in backticks. A number is compared with a column of
numbers, text with what is written. A comparison with a missing value is never true.
"""

from __future__ import annotations

import operator
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from engine.arrays import BoolArray, FloatArray
from itembank.blueprint.attributes import Attributes
from itembank.blueprint.tokens import Fault, Token, WhereError, tokens

DEEPEST = 50
"""Parentheses within parentheses beyond which an expression is refused."""

COMPARISONS: dict[str, Callable[[FloatArray, FloatArray], BoolArray]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
ORDERED = ("<", "<=", ">", ">=")


class Condition(Protocol):
    """A part of an expression."""

    def faults(self, attributes: Attributes) -> Iterator[Fault]:
        """Yield what does not fit these attributes."""

    def holds(self, attributes: Attributes) -> BoolArray:
        """Return for which items it is true, shape (n_items,); the attributes must fit."""


def parse_where(text: str) -> Condition:
    """Read an expression.

    Raises
    ------
    WhereError
        At the first place that cannot be read, with its column and what was expected there.
    """
    reader = _Reader(tokens(unicodedata.normalize("NFC", text)))
    condition = reader.either(0)
    reader.expect_end()
    return condition


def values_named(condition: Condition) -> Iterator[tuple[str, Token]]:
    """Yield each value that an attribute is said to have or not to have, with the attribute."""
    match condition:
        case Comparison(left, "==" | "!=", right):
            for name, value in ((left.token, right.token), (right.token, left.token)):
                if name.kind == "name" and value.kind != "name":
                    yield str(name.value), value
        case Member(parts) | Joined(parts):
            for part in parts:
                yield from values_named(part)
        case Not(inner):
            yield from values_named(inner)


@dataclass(frozen=True, slots=True)
class Operand:
    """An attribute, a number or a text."""

    token: Token

    def faults(self, attributes: Attributes) -> Iterator[Fault]:
        """Yield a name that is no attribute."""
        if self.token.kind == "name" and self.token.value not in attributes.columns:
            known = ", ".join(attributes.columns)
            yield Fault(self.token.column, str(self.token.value), f"an attribute: {known}")

    def has_numbers(self, attributes: Attributes) -> bool:
        """Whether it can be compared as a number."""
        if self.token.kind == "name":
            return attributes.columns[str(self.token.value)].numbers is not None
        return self.token.kind == "number"

    def numbers(self, attributes: Attributes) -> FloatArray:
        """The number of each item, shape (n_items,) or ()."""
        if self.token.kind == "name":
            numbers = attributes.columns[str(self.token.value)].numbers
            assert numbers is not None  # or there were faults
            return numbers
        return np.asarray(self.token.value, dtype=np.float64)

    def texts(self, attributes: Attributes) -> Sequence[str | None]:
        """The text of each item; None where it is missing."""
        if self.token.kind == "name":
            return attributes.columns[str(self.token.value)].text
        return [str(self.token.value)] * len(attributes)


@dataclass(frozen=True, slots=True)
class Comparison:
    """left == right, and the like."""

    left: Operand
    sign: str
    right: Operand

    def faults(self, attributes: Attributes) -> Iterator[Fault]:
        """Yield unknown attributes, and text where numbers are meant."""
        found = [*self.left.faults(attributes), *self.right.faults(attributes)]
        yield from found
        if found or not self._by_number(attributes):
            if not found and self.sign in ORDERED:
                text = self._text_side(attributes)
                expected = f"numbers on both sides of {self.sign}"
                yield Fault(text.token.column, text.token.written, expected)
            return
        for side in (self.left, self.right):
            if not side.has_numbers(attributes):
                name = side.token.written
                expected = "a column of numbers; put quotes around what it is compared with"
                yield Fault(side.token.column, name, expected)

    def holds(self, attributes: Attributes) -> BoolArray:
        """Compare numbers, or texts where one side is text."""
        if self._by_number(attributes):
            left, right = self.left.numbers(attributes), self.right.numbers(attributes)
            known = ~(np.isnan(left) | np.isnan(right))
            true: BoolArray = COMPARISONS[self.sign](left, right) & known
            return true
        pairs = zip(self.left.texts(attributes), self.right.texts(attributes), strict=True)
        same = self.sign == "=="
        return np.array(
            [None not in (one, other) and (one == other) == same for one, other in pairs],
            dtype=bool,
        )

    def _by_number(self, attributes: Attributes) -> bool:
        kinds = {self.left.token.kind, self.right.token.kind}
        if kinds == {"name"}:
            return self.left.has_numbers(attributes) and self.right.has_numbers(attributes)
        return "number" in kinds and "text" not in kinds

    def _text_side(self, attributes: Attributes) -> Operand:
        return self.left if not self.left.has_numbers(attributes) else self.right


@dataclass(frozen=True, slots=True)
class Member:
    """Name in [value, value, ...]."""

    comparisons: tuple[Comparison, ...]

    def faults(self, attributes: Attributes) -> Iterator[Fault]:
        """Yield what is wrong with the attribute, or with one of the values, once each."""
        yield from dict.fromkeys(
            fault for each in self.comparisons for fault in each.faults(attributes)
        )

    def holds(self, attributes: Attributes) -> BoolArray:
        """Whether any of the values is the item's."""
        true: BoolArray = np.any([each.holds(attributes) for each in self.comparisons], axis=0)
        return true


@dataclass(frozen=True, slots=True)
class Missing:
    """missing(name)."""

    operand: Operand

    def faults(self, attributes: Attributes) -> Iterator[Fault]:
        """Yield an unknown attribute."""
        yield from self.operand.faults(attributes)

    def holds(self, attributes: Attributes) -> BoolArray:
        """Whether the item has no value."""
        return attributes.columns[str(self.operand.token.value)].missing


@dataclass(frozen=True, slots=True)
class Not:
    """What is not so."""

    condition: Condition

    def faults(self, attributes: Attributes) -> Iterator[Fault]:
        """Yield those of the condition."""
        yield from self.condition.faults(attributes)

    def holds(self, attributes: Attributes) -> BoolArray:
        """Turn the condition round."""
        return ~self.condition.holds(attributes)


@dataclass(frozen=True, slots=True)
class Joined:
    """Conditions of which all hold, or any."""

    conditions: tuple[Condition, ...]
    all_of: bool

    def faults(self, attributes: Attributes) -> Iterator[Fault]:
        """Yield those of all conditions."""
        for condition in self.conditions:
            yield from condition.faults(attributes)

    def holds(self, attributes: Attributes) -> BoolArray:
        """Whether all, or any, hold."""
        each = np.stack([condition.holds(attributes) for condition in self.conditions])
        enough = len(each) if self.all_of else 1
        true: BoolArray = each.sum(axis=0) >= enough
        return true


class _Reader:
    """Recursive descent: one method a level of the grammar."""

    def __init__(self, found: Sequence[Token]) -> None:
        self._tokens = found
        self._place = 0

    def either(self, depth: int) -> Condition:
        return self._joined("or", self._both, depth)

    def expect_end(self) -> None:
        if self._next.kind != "end":
            raise self._unexpected("and, or, or the end")

    def _both(self, depth: int) -> Condition:
        return self._joined("and", self._negated, depth)

    def _joined(self, word: str, part: Callable[[int], Condition], depth: int) -> Condition:
        parts = [part(depth)]
        while self._accept(word):
            parts.append(part(depth))
        return parts[0] if len(parts) == 1 else Joined(tuple(parts), word == "and")

    def _negated(self, depth: int) -> Condition:
        if depth > DEEPEST:
            raise self._unexpected(f"at most {DEEPEST} levels of parentheses")
        if self._accept("not"):
            return Not(self._negated(depth + 1))
        if self._accept("("):
            inner = self.either(depth + 1)
            self._demand(")")
            return inner
        if self._accept("missing"):
            self._demand("(")
            named = Missing(self._operand("an attribute", ("name",)))
            self._demand(")")
            return named
        return self._comparison()

    def _comparison(self) -> Condition:
        left = self._operand("an attribute, a number, a text in quotes, not or (")
        if self._next.value in ("in", "not") and self._next.kind == "word":
            return self._membership(left)
        chain: list[Condition] = []
        while self._next.kind == "sign" and self._next.value in COMPARISONS:
            sign = str(self._take().value)
            right = self._operand("an attribute, a number or a text in quotes")
            chain.append(self._compared(left, sign, right))
            left = right
        if not chain:
            raise self._unexpected("a comparison: ==, !=, <, <=, >, >=, in or not in")
        return chain[0] if len(chain) == 1 else Joined(tuple(chain), True)

    def _compared(self, left: Operand, sign: str, right: Operand) -> Comparison:
        if "name" not in (left.token.kind, right.token.kind):
            raise WhereError(Fault(left.token.column, left.token.written, "an attribute"))
        return Comparison(left, sign, right)

    def _membership(self, left: Operand) -> Condition:
        turned = self._accept("not")
        self._demand("in")
        close = ")" if self._accept("(") else "]"
        if close == "]":
            self._demand("[")
        values = [self._operand("a number or a text in quotes", ("number", "text"))]
        while self._accept(","):
            values.append(self._operand("a number or a text in quotes", ("number", "text")))
        self._demand(close)
        member = Member(tuple(self._compared(left, "==", value) for value in values))
        return Not(member) if turned else member

    def _operand(self, expected: str, kinds: Sequence[str] = ("name", "number", "text")) -> Operand:
        if self._next.kind not in kinds:
            raise self._unexpected(expected)
        return Operand(self._take())

    @property
    def _next(self) -> Token:
        return self._tokens[self._place]

    def _take(self) -> Token:
        self._place += 1
        return self._tokens[self._place - 1]

    def _accept(self, written: str) -> bool:
        found = self._next.kind in ("word", "sign") and self._next.value == written
        self._place += found
        return found

    def _demand(self, written: str) -> None:
        if not self._accept(written):
            raise self._unexpected(written)

    def _unexpected(self, expected: str) -> WhereError:
        return WhereError(Fault(self._next.column, self._next.written, expected))
