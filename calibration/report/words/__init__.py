"""The words of reports, in Thai and English."""

from itembank.words import Words

_WORDS = Words(__name__)
word, words = _WORDS.word, _WORDS.words

__all__ = ["word", "words"]
