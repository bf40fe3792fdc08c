"""Text in Thai and English, the two equal languages of everything a person reads."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import StringConstraints

from itembank.records import Record

Language = Literal["th", "en"]

LANGUAGES: tuple[Language, ...] = get_args(Language)

Line = Annotated[str, StringConstraints(min_length=1)]
"""Text that is not empty."""

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,31}$")]
"""What authors call a thing: letters, digits and hyphens."""


class Text(Record):
    """The same text in Thai and in English."""

    th: Line
    en: Line

    def of(self, language: Language) -> str:
        """The text in one language."""
        return self.th if language == "th" else self.en
