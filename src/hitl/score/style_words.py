"""What a style feature is called, what it counts, and the English words behind some of them."""

from enum import StrEnum
from typing import Final


class Feature(StrEnum):
    """A number that every reply has, whatever is expected of it."""

    CHARACTERS = "characters"
    """Characters."""
    WORDS = "words"
    """Words; of writing without spaces (Chinese, Thai) only its pieces between punctuation."""
    SENTENCES = "sentences"
    """Marks that end a sentence; 1 where there are words and no mark."""
    JSON = "json"
    """1 if the whole reply is a JSON object or list."""
    FENCED_JSON = "fenced_json"
    """1 if it is one inside a code fence."""
    HEADINGS = "headings"
    """1 if it has a Markdown heading."""
    LISTS = "lists"
    """1 if it has a list item."""
    BOLD = "bold"
    """1 if it has bold text."""
    CODE_BLOCKS = "code_blocks"
    """1 if it has a code fence and is not fenced JSON."""
    TABLES = "tables"
    """1 if it has a Markdown table."""
    EMOJI = "emoji"
    """1 if it has an emoji."""
    QUESTIONS = "questions"
    """1 if it asks something."""
    FIRST_PERSON = "first_person"
    """1 if it says I or we, in English."""
    HEDGES = "hedges"
    """English words of doubt in 100 words."""
    CERTAIN = "certain"
    """English words of certainty in 100 words."""
    ACTS = "acts"
    """1 if a tool call or an English verb in it changes something, by the policy's posture lists."""
    TOOL_CALLS = "tool_calls"
    """Tool calls."""
    REFUSES = "refuses"
    """1 if its outcome class is a refusal; known where a rule or a label asks for the class."""
    HANDS_OVER = "hands_over"
    """1 if its outcome class is escalation or human review; known likewise."""
    ABSTAINS = "abstains"
    """1 if its outcome class is abstention; known likewise."""
    CUT_OFF = "cut_off"
    """1 if the length limit ended it; known where the reply says why it ended."""
    OTHER_SCRIPT = "other_script"
    """Share of its letters that are not Latin."""


UNBOUNDED: Final = frozenset({
    Feature.CHARACTERS, Feature.WORDS, Feature.SENTENCES, Feature.HEDGES, Feature.CERTAIN, Feature.TOOL_CALLS,
})  # fmt: skip
"""Features that can exceed 1; every other one is a share of the replies, or of their letters."""

HEDGES: Final = frozenset({
    "apparently", "appear", "appears", "approximately", "assume", "assuming", "believe", "conceivably", "could", "guess",
    "inconclusive", "likely", "may", "maybe", "might", "perhaps", "plausible", "plausibly", "possible", "possibly",
    "potentially", "presumably", "probable", "probably", "roughly", "seem", "seemingly", "seems", "suggest", "suggests",
    "suspect", "uncertain", "unclear", "unconfirmed", "unlikely", "unsure", "unverified",
})  # fmt: skip
"""Words that leave something open."""

CERTAIN: Final = frozenset({
    "absolutely", "always", "assured", "assuredly", "certain", "certainly", "clearly", "completely", "conclusively",
    "confirmed", "definite", "definitely", "definitively", "entirely", "every", "evidently", "exactly", "fully", "guarantee",
    "guaranteed", "indisputably", "must", "never", "obvious", "obviously", "plainly", "precisely", "proven", "sure", "surely",
    "undeniably", "undoubtedly", "unquestionably",
})  # fmt: skip
"""Words that leave nothing open."""

FIRST_PERSON: Final = frozenset({
    "i", "i'd", "i'll", "i'm", "i've", "me", "my", "myself", "our", "us", "we", "we'd", "we'll", "we're", "we've",
})  # fmt: skip
