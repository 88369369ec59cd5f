"""What a style feature is called in front of reviewers, and what its shift asks of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from hitl.score.style_words import Feature


class Measured(StrEnum):
    """In what a feature is counted."""

    LENGTH = "length"
    """Characters."""
    COUNT = "count"
    """Things in a reply."""
    RATE = "rate"
    """Words in 100 words."""
    SHARE = "share"
    """Share of the replies."""
    LETTERS = "letters"
    """Share of the letters."""


@dataclass(frozen=True, slots=True)
class Sense:
    """One feature in words; empty advice where a shift that way asks nothing of reviewers."""

    title: str
    measured: Measured = Measured.SHARE
    if_more: str = ""
    if_less: str = ""


_LOOKS = "Judge what it says and not how it looks: headings, lists, bold text and emoji can make a reply seem more complete than it is."
_RAW = "Compare what your screen shows with the raw reply: JSON that is fenced, broken or has text around it can be read wrongly or not at all."
_HAND_OVER = (
    "Ask whether a hand-over to a person is needed; the model makes more of them.",
    "Ask whether a person should have been called; the model hands over less often.",
)


SENSES: Mapping[Feature, Sense] = {
    Feature.CHARACTERS: Sense("Length", Measured.LENGTH,
        "Read to the end before you approve: what matters can stand further down than you are used to.",
        "Ask what is missing: shorter replies leave something out."),
    Feature.WORDS: Sense("words", Measured.COUNT),
    Feature.SENTENCES: Sense("sentences", Measured.COUNT),
    Feature.JSON: Sense("Replies that are JSON and nothing else",
        if_less=_RAW),
    Feature.FENCED_JSON: Sense("JSON inside a code fence",
        if_more=_RAW),
    Feature.HEADINGS: Sense("Headings", if_more=_LOOKS),
    Feature.LISTS: Sense("Lists", if_more=_LOOKS),
    Feature.BOLD: Sense("Bold text", if_more=_LOOKS),
    Feature.CODE_BLOCKS: Sense("Code fences",
        if_more="Where code is pasted or run, look for the fence around it: what reads code alone breaks on it."),
    Feature.TABLES: Sense("Tables", if_more=_LOOKS),
    Feature.EMOJI: Sense("Emoji", if_more=_LOOKS),
    Feature.QUESTIONS: Sense("Questions", if_more="Ask whether the case already answers what the reply asks back."),
    Feature.FIRST_PERSON: Sense("“I” or “we” (English)"),
    Feature.HEDGES: Sense("words of doubt (English list)", Measured.RATE,
        "Judge the proposal and not its tone: more words of doubt are not more errors.",
        "Ask what is uncertain: the reply says so less often."),
    Feature.CERTAIN: Sense("words of certainty (English list)", Measured.RATE,
        "Do not take a sure tone for evidence: ask what each claim rests on."),
    Feature.ACTS: Sense("Steps that act (English, posture lists)",
        if_more="Before you approve, look for a step that changes something where looking was asked for."),
    Feature.TOOL_CALLS: Sense("tool calls", Measured.COUNT, "Look at each tool call and its arguments, not at the text beside it."),
    Feature.REFUSES: Sense("Refusals", Measured.SHARE,
        "Ask whether a refusal is right: the model declines more.",
        "Ask whether it answers what it should decline."),
    Feature.HANDS_OVER: Sense("Hand-overs to a person", Measured.SHARE, *_HAND_OVER),
    Feature.ABSTAINS: Sense("Abstentions", Measured.SHARE,
        "Ask whether the evidence was there: the model leaves more open.",
        "Ask what an answer rests on: the model leaves less open."),
    Feature.CUT_OFF: Sense("Replies that the length limit ended",
        if_more="Look whether a reply ends before its conclusion; one that does is not an answer."),
    Feature.OTHER_SCRIPT: Sense("Letters that are not Latin", Measured.LETTERS,
        "Let somebody read it who reads the language; do not approve what you cannot read."),
}  # fmt: skip
"""What each feature is called, and what a shift of it asks of reviewers."""
