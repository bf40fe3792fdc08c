"""The words of the pages, in Thai and English."""

from itembank.words import Words

_WORDS = Words(__name__)
word, words = _WORDS.word, _WORDS.words


def has_word(key: str) -> bool:
    """Say whether there are words under a key."""
    return key in words("th")


__all__ = ["has_word", "word", "words"]
