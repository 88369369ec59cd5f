"""What a reply amounts to: an answer, a refusal, or a hand-over.

A stored grade wins (`labels.outcome`), then what the provider says (`finish: refusal`), then the reply's
own JSON fields, then its tool calls, then its first words (of a reply that is not JSON). The phrases are English and stand for
how replies begin; a reply in another language, or one that refuses later on, counts as an answer.
Label such replies, or have them reviewed.
"""

import re
from dataclasses import dataclass

import re2

from hitl.golden.expectation import OutcomeClass
from hitl.rule import clean_text
from hitl.run.reply import Finish, Reply
from hitl.score.finding import Mark
from hitl.score.parse import JsonReading, ReadingTier

OPENING = 600
"""Characters at the start of a text in which phrases are looked for."""


@dataclass(frozen=True, slots=True)
class OutcomeReading:
    """The outcome class, or why there is none."""

    outcome: OutcomeClass | None
    problem: str = ""
    mark: Mark = Mark.PASS
    """What a reply without a class deserves: unmeasured (no grade to go by) or fail (an empty reply)."""


_WORDS = {outcome.value: outcome for outcome in OutcomeClass}

FLAGS = {
    "escalation_required": OutcomeClass.ESCALATE,
    "requires_escalation": OutcomeClass.ESCALATE,
    "escalate": OutcomeClass.ESCALATE,
    "escalated": OutcomeClass.ESCALATE,
    "needs_human_review": OutcomeClass.NEEDS_HUMAN_REVIEW,
    "human_review_required": OutcomeClass.NEEDS_HUMAN_REVIEW,
    "requires_human_review": OutcomeClass.NEEDS_HUMAN_REVIEW,
    "needs_review": OutcomeClass.NEEDS_HUMAN_REVIEW,
    "refused": OutcomeClass.REFUSAL,
    "refusal": OutcomeClass.REFUSAL,
    "abstain": OutcomeClass.ABSTAIN,
    "abstained": OutcomeClass.ABSTAIN,
    "insufficient_evidence": OutcomeClass.ABSTAIN,
    "fallback": OutcomeClass.FALLBACK,
}
"""Fields of a JSON object that mean an outcome class when they are true, the first that is found."""

WORD_FIELDS = ("outcome", "outcome_class")
"""Fields of a JSON object that may hold an outcome class as a word."""


def _pattern(*alternatives: str) -> "re2._Regexp":
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    return re2.compile("(?:" + "|".join(alternatives) + ")", options)


_HUMAN = r"(?:human|person|people|agent|operator|representative|specialist|supervisor|manager|team|on[\s_-]?call|support)"

TOOLS = (
    (
        OutcomeClass.NEEDS_HUMAN_REVIEW,
        _pattern(r"(?:human|manual)_?review", r"(?:review|approval)_?by_?human"),
    ),
    (
        OutcomeClass.ESCALATE,
        _pattern(
            r"escalat", rf"(?:transfer|hand_?off|hand_?over|forward|connect|route|page).*{_HUMAN}"
        ),
    ),
)
"""Tool names that hand the case to a person."""

_NOT = r"(?:can(?:no|')t|cannot|can not|(?:am|'m) (?:not able|unable)|(?:am|'m) not (?:going|willing)|won't|will not|must decline|have to decline|decline)"
_DO = (
    r"(?:assist|help|support|provide|offer|give|share|fulfill?|comply|create|write|generate|produce|answer|respond|engage|participate|"
    r"satisfy|discuss|do (?:that|this|so)|tell|make|suggest|condone|endorse|promote|encourage|recommend|continue|complete|proceed|"
    r"advise|guide|teach|list|describe|explain|carry out|perform|grant|accept|agree|be able to|decline|refuse|request)"
)
_POLITE = r"(?:(?:i'm|i am|we're|we are)?\s*(?:very |so |really |truly |terribly )?(?:sorry|afraid)|(?:my |our )?apolog(?:y|ies|ize)|unfortunately|regretfully|no)"
_I = r"(?:i|we)"

PHRASES = (
    (
        OutcomeClass.ESCALATE,
        _pattern(
            rf"^.{{0,200}}\b(?:{_I}(?:'m| am|'re| are|'ll| will|'ve| have)?|let me|please)\s(?:\w+\s){{0,3}}?"
            rf"(?:escalat(?:e|ed|ing)\b|(?:transfer|connect|hand|forward|rout|refer)\w*\s(?:\w+\s){{0,5}}?{_HUMAN}\b)",
            rf"^\W*(?:escalat(?:e|ed|ing|ion)\b|transferr?(?:ing|ed)?\s(?:\w+\s){{0,5}}?{_HUMAN}\b)",
        ),
    ),
    (
        OutcomeClass.NEEDS_HUMAN_REVIEW,
        _pattern(
            r"^.{0,200}\b(?:needs?|requires?|require[ds]|must have|should have|subject to|flag(?:ged|ging)?\s(?:\w+\s){0,3}?for|pending)\s"
            r"(?:a\s|an\s|further\s|additional\s)?(?:human|manual)\s(?:review|approval|verification|check|judge?ment|sign-off)",
            r"^.{0,200}\b(?:must|should|needs? to|has to)\sbe\s(?:reviewed|approved|verified|checked)\sby\s(?:\w+\s){0,2}?"
            + _HUMAN,
        ),
    ),
    (
        OutcomeClass.FALLBACK,
        _pattern(
            r"^\W*(?:(?:sorry|apologies)\W+)?(?:something went wrong|(?:an|some) (?:internal |unexpected |technical )?error (?:has )?occurr?ed|"
            r"the (?:service|system|model|assistant) is (?:currently |temporarily )?(?:unavailable|down|overloaded))",
            r"^\W*(?:(?:sorry|apologies)\W+)?(?:i|we) (?:didn't|did not|don't|do not) (?:quite |fully )?"
            r"(?:understand (?:that|your|the) ?(?:question|request|message)?|catch that|get that)",
            r"^\W*(?:(?:sorry|apologies)\W+)?(?:could|can) you (?:please )?rephrase",
            r"^\W*please try again(?: later)?\W*$",
        ),
    ),
    (
        OutcomeClass.ABSTAIN,
        _pattern(
            r"^\W*(?:(?:unfortunately|sorry|i'm sorry|i am sorry|i'm afraid)\W+(?:but\s)?)?(?:i|we) (?:do not|don't|did not|didn't) "
            r"(?:have (?:enough|sufficient|any|the|access)|know\b)",
            r"^.{0,120}\b(?:not enough|insufficient|inconclusive|too little) (?:information|evidence|data|context)",
            r"^\W*(?:unknown|not sure|no answer|n/a|i'm not sure|i am not sure|cannot be determined)\W*$",
            r"^.{0,120}\b(?:cannot|can't|could not|couldn't|unable to|not possible to) (?:be )?"
            r"(?:determined?|verify|verified|confirm(?:ed)?|conclude|tell (?:whether|if|from)|answer\w* (?:\w+ ){0,4}(?:from|based on|with|without) )",
        ),
    ),
    (
        OutcomeClass.REFUSAL,
        _pattern(
            rf"^\W*(?:{_POLITE}\W+(?:but\s|that\s)*)?{_I}\s?(?:\w+\s)?{_NOT}\s(?:\S+\s){{0,4}}?{_DO}",
            rf"^\W*{_POLITE}\W[^.!?]{{0,120}}?\b{_I}\s?(?:\w+\s)?{_NOT}\b",
            rf"^[^.!?]{{0,160}}\bas an? (?:\S+\s){{0,3}}?(?:ai|language model|assistant|llm|chatbot)\b.{{0,200}}?\b{_NOT}\b",
            rf"^.{{0,300}}?(?:^|[.!?]\s+|\b(?:so|therefore|hence|but|and|thus|however|instead),?\s){_I}\s(?:\w+\s)?{_NOT}\s(?:\S+\s){{0,4}}?{_DO}",
            r"^.{0,300}?\b(?:it is|it's|it would be) (?:not|never|neither)\s(?:\w+\s){0,2}?(?:within my|appropriate|ethical|acceptable|okay|right|legal|possible for me)",
            r"^.{0,200}?\b(?:against|violates?|contrary to) (?:my|our|the|openai's) (?:\w+\s){0,2}?(?:programming|guidelines|polic(?:y|ies)|principles|use case)",
            r"^\W*i (?:don't|do not) think (?:it's|it is) (?:accurate|appropriate|fair|right)",
            rf"^\W*{_POLITE}\W+(?:but\s)?(?:this|that|your) (?:\w+\s){{0,3}}?(?:is|goes|violates|cannot)\b",
        ),
    ),
)
"""Phrases at the start of a text, the first that is found; anything else is an answer."""


def detect_outcome(reply: Reply, reading: JsonReading) -> OutcomeReading:
    """Return the outcome class of a reply.

    Examples:
        >>> from hitl.score.parse import read_json
        >>> text = "I'm sorry, but I can't help with that."
        >>> detect_outcome(Reply(case_id="1", text=text), read_json(text)).outcome
        <OutcomeClass.REFUSAL: 'refusal'>
    """
    if reply.labels and "outcome" in reply.labels:
        return _graded(reply.labels["outcome"])
    if reply.finish is Finish.REFUSAL:
        return OutcomeReading(OutcomeClass.REFUSAL)
    if found := _from_fields(reading) or _from_tools(reply):
        return OutcomeReading(found)
    return _from_text(reply, reading)


def _graded(grade: object) -> OutcomeReading:
    found = _WORDS.get(grade) if isinstance(grade, str) else None
    if found is None:
        problem = f"the label `outcome` is {str(grade)[:40]!r}; expected one of {', '.join(_WORDS)}"
        return OutcomeReading(None, problem, Mark.UNMEASURED)
    return OutcomeReading(found)


def _from_fields(reading: JsonReading) -> OutcomeClass | None:
    value = reading.value
    if reading.tier not in (ReadingTier.STRICT, ReadingTier.FENCED) or not isinstance(
        value, dict | list
    ):
        return None
    if isinstance(value, list):
        return OutcomeClass.ANSWER
    for name in WORD_FIELDS:
        word = value.get(name)
        if isinstance(word, str) and (
            found := _WORDS.get(re.sub(r"[\s-]", "_", word[:40].strip().lower()))
        ):
            return found
    return next(
        (outcome for name, outcome in FLAGS.items() if value.get(name) is True), OutcomeClass.ANSWER
    )


def _from_tools(reply: Reply) -> OutcomeClass | None:
    for call in reply.tool_calls or ():
        name = clean_text(call.name[:200]).replace("-", "_")
        for outcome, pattern in TOOLS:
            if pattern.search(name):
                return outcome
    return None


def _is_json(reading: JsonReading) -> bool:
    """Whether the whole reply is an object or a list, which is not searched for phrases."""
    return reading.tier in (ReadingTier.STRICT, ReadingTier.FENCED) and isinstance(
        reading.value, dict | list
    )


def _from_text(reply: Reply, reading: JsonReading) -> OutcomeReading:
    text = (reply.text or "").strip()
    if _is_json(reading):
        return OutcomeReading(OutcomeClass.ANSWER)
    if text:
        return OutcomeReading(read_phrases(text))
    if reply.tool_calls:
        return OutcomeReading(OutcomeClass.ANSWER)
    if reply.text is None and reply.tool_calls is None:
        return OutcomeReading(
            None, "the reply holds no text and no label `outcome`", Mark.UNMEASURED
        )
    return OutcomeReading(None, "the reply is empty", Mark.FAIL)


def read_phrases(text: str) -> OutcomeClass:
    """Return the outcome class that the first words of a text suggest."""
    start = clean_text(" ".join(text[: 2 * OPENING].split())[:OPENING]).replace("’", "'")
    return next(
        (outcome for outcome, pattern in PHRASES if pattern.search(start)), OutcomeClass.ANSWER
    )
