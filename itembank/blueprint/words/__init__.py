"""What constraints demand, in a few words for people, in Thai and English."""

from itembank.blueprint.words.demands import demanded, demands, ends_in_words

__all__ = ["demanded", "demands", "ends_in_words"]
