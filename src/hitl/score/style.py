"""How a reply is written, in numbers that need no expectation: length, format, certainty, posture.

Everything is found in one pass of scans whose time grows with the text and no faster, because a reply can be a
megabyte on one line. Words of doubt, of certainty, of the first person and of action are English lists: in a reply
whose letters are mostly not Latin they are not counted, and in other languages with Latin letters they are few.
"""

import json
import math
import re
from collections.abc import Set

from hitl.golden.expectation import OutcomeClass
from hitl.run.reply import Finish, Reply
from hitl.score.expect.step import StepReader
from hitl.score.finding import ReplyGrade
from hitl.score.parse import ReadingTier
from hitl.score.style_words import CERTAIN, FIRST_PERSON, HEDGES, Feature

Style = tuple[float, ...]
"""One number for each `Feature`, in its order; NaN where the reply does not say."""

FEATURES = tuple(Feature)
NOTHING: Style = (math.nan,) * len(FEATURES)
"""The style of a reply that cannot be read: a failed call, or labels alone."""

MOSTLY = 0.5
"""Share of letters that are not Latin above which English words are not counted."""

_NO_TEXT: Style = (math.nan,) * FEATURES.index(Feature.ACTS)
_NO_ENGLISH = (math.nan,) * 3
_PUNCTUATION = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~'
_SPACED = str.maketrans(dict.fromkeys(_PUNCTUATION, " "))
_NOT_WORD = re.compile(r"[^\w']|_")
_SENTENCE_END = re.compile(r"[.!?…](?=[\s\"'”’)\]*]|$)|[。！？]")
_QUESTION = re.compile(r"\?(?=[\s\"'”’)\]*]|$)|？")
_HEADING = re.compile(r"^ {0,3}#{1,6} ", re.MULTILINE)
_LIST_ITEM = re.compile(r"^[ \t]{0,12}(?:[-*+•]|\d{1,3}[.)])[ \t]{1,9}\S", re.MULTILINE)
_BOLD = re.compile(r"\*\*[^\s*][^*\n]{0,200}\*\*|__[^\s_][^_\n]{0,200}__")
_TABLE = re.compile(r"^[ \t]{0,3}\|?[ \t]{0,9}:?-{2,99}:?[ \t]{0,9}\|", re.MULTILINE)
_EMOJI = re.compile("[\u2600-\u27bf\u2b50-\u2b55\U0001f1e6-\U0001f1ff\U0001f300-\U0001faff]")
_LETTER = re.compile(r"[^\W\d_]")
_OTHER_LETTER = re.compile(r"[^\W\d_\u0000-\u024f\u1e00-\u1eff]")
_HAND_OVER = frozenset({OutcomeClass.ESCALATE.value, OutcomeClass.NEEDS_HUMAN_REVIEW.value})


class StyleReader:
    """Reads the style of replies, with the word and tool lists of one policy."""

    def __init__(self, steps: StepReader) -> None:
        self._steps = steps
        self._acting = steps.first_words

    def read(self, reply: Reply, grade: ReplyGrade) -> Style:
        """Return one number for each feature; of a failed call and of labels alone, nothing is known."""
        if reply.is_error or (reply.text is None and reply.tool_calls is None):
            return NOTHING
        told = _told(reply, grade)
        if reply.text is None:
            return (*_NO_TEXT, self._acts(reply, frozenset()), *told, math.nan)
        text = reply.text.strip()
        other = 0.0 if text.isascii() else _other_script(text)
        words = _words(text)
        met = set(words)
        is_english = other <= MOSTLY
        return (
            float(len(text)),
            float(len(words)),
            _sentences(text, words),
            *_format(text, grade.tier),
            float(not text.isascii() and _EMOJI.search(text) is not None),
            float(("?" in text or "？" in text) and _QUESTION.search(text) is not None),
            *(_english(words, met) if is_english else _NO_ENGLISH),
            self._acts(reply, met) if is_english else math.nan,
            *told,
            other,
        )

    def _acts(self, reply: Reply, met: Set[str]) -> float:
        if any(self._steps.tool_acts(call.name) for call in reply.tool_calls or ()):
            return 1.0
        if self._acting.isdisjoint(met):
            return 0.0
        return float(bool(self._steps.action_in(reply.text or "")))


def _words(text: str) -> list[str]:
    """Return the words in lower case; a table is quicker than a pattern, and serves most texts."""
    if text.isascii():
        return text.lower().translate(_SPACED).split()
    return _NOT_WORD.sub(" ", text.replace("’", "'").lower()).split()


def _sentences(text: str, words: list[str]) -> float:
    if text.isascii() and "." not in text and "!" not in text and "?" not in text:
        return float(bool(words))
    return float(len(_SENTENCE_END.findall(text)) or bool(words))


def _english(words: list[str], met: Set[str]) -> tuple[float, float, float]:
    """Return first person, hedges and certainty; rates of a reply without a word are not known."""
    if not words:
        return 0.0, math.nan, math.nan
    return (
        float(not FIRST_PERSON.isdisjoint(met)),
        _per_hundred(HEDGES, words, met),
        _per_hundred(CERTAIN, words, met),
    )


def _per_hundred(wanted: frozenset[str], words: list[str], met: Set[str]) -> float:
    if wanted.isdisjoint(met):
        return 0.0
    return 100.0 * sum(map(wanted.__contains__, words)) / len(words)


def _format(text: str, tier: str) -> tuple[float, ...]:
    """Return JSON, fenced JSON, headings, lists, bold, code blocks and tables."""
    has_fence = "```" in text or "~~~" in text
    is_fenced = has_fence and _is_fenced(text, tier)
    return (
        float(_is_json(text, tier)),
        float(is_fenced),
        float("#" in text and _HEADING.search(text) is not None),
        float(_has_list(text)),
        float(("**" in text or "__" in text) and _BOLD.search(text) is not None),
        float(has_fence and not is_fenced),
        float("|" in text and _TABLE.search(text) is not None),
    )


def _has_list(text: str) -> bool:
    return ("\n" in text or text[:1] not in ("{", "[")) and _LIST_ITEM.search(text) is not None


def _is_json(text: str, tier: str) -> bool:
    if text[:1] not in ("{", "["):
        return False
    return tier == ReadingTier.STRICT if tier else _parses(text)


def _is_fenced(text: str, tier: str) -> bool:
    if tier:
        return tier == ReadingTier.FENCED
    if text[:3] not in ("```", "~~~") or text[-3:] != text[:3]:
        return False
    inside = text[:-3].partition("\n")[2].strip()
    return inside[:1] in ("{", "[") and _parses(inside)


def _parses(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _told(reply: Reply, grade: ReplyGrade) -> tuple[float, ...]:
    """Return tool calls, outcome classes and the ending: what is not read from the text."""
    outcome = grade.outcome
    known = bool(outcome)
    return (
        float(len(reply.tool_calls or ())),
        float(outcome == OutcomeClass.REFUSAL) if known else math.nan,
        float(outcome in _HAND_OVER) if known else math.nan,
        float(outcome == OutcomeClass.ABSTAIN) if known else math.nan,
        float(reply.finish is Finish.LENGTH) if reply.finish is not None else math.nan,
    )


def _other_script(text: str) -> float:
    n = len(_LETTER.findall(text))
    return len(_OTHER_LETTER.findall(text)) / n if n else 0.0
