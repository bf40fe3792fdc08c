"""The words of the report of assembled forms, in Thai and English."""

from itembank.words import Words

WORDS = Words(__name__)
word = WORDS.word

__all__ = ["WORDS", "word"]
