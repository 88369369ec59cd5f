"""How a judge's answer is read: strictly, and what is not plainly a label is no label.

Nothing is repaired and nothing is guessed. An answer counts only as one JSON object with the reasons
before the label; one code fence around it is let pass. Reasons that name another label than the answer
gives leave it unscored: which of the two was meant is not ours to say.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from hitl.golden.expectation import OutcomeClass, ParseTier
from hitl.run.reply import Finish, Reply
from hitl.score.outcome import read_phrases
from hitl.score.parse import read_json

LONGEST_REASONS = 20_000
"""Characters of the reasons that are searched for another label."""


class UnscoredReason(StrEnum):
    """Why an answer of a judge gives no label."""

    NOT_ASKED = "not_asked"
    """No answer stands for this item."""
    CALL_FAILED = "call_failed"
    REFUSED = "refused"
    CUT_OFF = "cut_off"
    """The answer ended at its length limit."""
    EMPTY = "empty"
    NOT_JSON = "not_json"
    """Prose, broken JSON, a repeated key, or text around the object."""
    WRONG_KEYS = "wrong_keys"
    LABEL_BEFORE_REASONS = "label_before_reasons"
    NO_REASONS = "no_reasons"
    NOT_A_LABEL = "not_a_label"
    """The label has another type, or is none of the words."""
    OUT_OF_SCALE = "out_of_scale"
    CONTRADICTION = "contradiction"
    """The reasons state another label."""


class Winner(StrEnum):
    """What a judge says of two replies, by their place."""

    A = "A"
    B = "B"
    TIE = "tie"


@dataclass(frozen=True, slots=True)
class JudgeReading:
    """One answer to a request for a grade."""

    grade: int | None
    reasons: str
    problem: UnscoredReason | None


@dataclass(frozen=True, slots=True)
class PairReading:
    """One answer to a request for a comparison."""

    winner: Winner | None
    reasons: str
    problem: UnscoredReason | None


def read_grade(reply: Reply | None, scale: tuple[int, int]) -> JudgeReading:
    """Read the reply of a judge that was asked for a grade; None: there is none."""
    if (problem := _no_answer(reply)) is not None or reply is None:
        return JudgeReading(None, "", problem)
    return parse_grade(reply.text or "", scale)


def read_winner(reply: Reply | None) -> PairReading:
    """Read the reply of a judge that was asked to compare; None: there is none."""
    if (problem := _no_answer(reply)) is not None or reply is None:
        return PairReading(None, "", problem)
    return parse_winner(reply.text or "")


def parse_grade(text: str, scale: tuple[int, int]) -> JudgeReading:
    """Read an answer that should hold a whole number of a scale.

    Examples:
        >>> parse_grade('{"reasons": "Names its source.", "grade": 4}', (1, 5)).grade
        4
        >>> parse_grade('{"reasons": "Score: 2/5.", "grade": 4}', (1, 5)).problem
        <UnscoredReason.CONTRADICTION: 'contradiction'>
    """
    found = _labelled(text, "grade")
    if isinstance(found, UnscoredReason):
        return JudgeReading(None, "", found)
    reasons, grade = found
    if type(grade) is not int:  # true is an int to Python, and no grade
        return JudgeReading(None, reasons, UnscoredReason.NOT_A_LABEL)
    if not scale[0] <= grade <= scale[1]:
        return JudgeReading(None, reasons, UnscoredReason.OUT_OF_SCALE)
    if any(stated != grade for stated in stated_grades(reasons, scale)):
        return JudgeReading(None, reasons, UnscoredReason.CONTRADICTION)
    return JudgeReading(grade, reasons, None)


def parse_winner(text: str) -> PairReading:
    """Read an answer that should hold A, B or tie.

    Examples:
        >>> parse_winner('{"reasons": "Only A cites.", "winner": "A"}').winner
        <Winner.A: 'A'>
    """
    found = _labelled(text, "winner")
    if isinstance(found, UnscoredReason):
        return PairReading(None, "", found)
    reasons, word = found
    if not isinstance(word, str) or word not in set(Winner):
        return PairReading(None, reasons, UnscoredReason.NOT_A_LABEL)
    if any(stated != word for stated in stated_winners(reasons)):
        return PairReading(None, reasons, UnscoredReason.CONTRADICTION)
    return PairReading(Winner(word), reasons, None)


def _no_answer(reply: Reply | None) -> UnscoredReason | None:
    if reply is None:
        return UnscoredReason.NOT_ASKED
    if reply.is_error:
        return UnscoredReason.CALL_FAILED
    if reply.finish is Finish.REFUSAL:
        return UnscoredReason.REFUSED
    if reply.finish is Finish.LENGTH:
        return UnscoredReason.CUT_OFF
    return None


def _labelled(text: str, key: str) -> tuple[str, object] | UnscoredReason:
    """Return the reasons and the raw label of an answer, or why it has none."""
    if not text.strip():
        return UnscoredReason.EMPTY
    reading = read_json(text)
    if not reading.within(ParseTier.FENCED) or not isinstance(reading.value, dict):
        is_refusal = read_phrases(text) is OutcomeClass.REFUSAL
        return UnscoredReason.REFUSED if is_refusal else UnscoredReason.NOT_JSON
    if set(reading.value) != {"reasons", key}:
        return UnscoredReason.WRONG_KEYS
    if list(reading.value) != ["reasons", key]:
        return UnscoredReason.LABEL_BEFORE_REASONS
    reasons = reading.value["reasons"]
    if not isinstance(reasons, str) or not any(map(str.isalnum, reasons)):
        return UnscoredReason.NO_REASONS
    return reasons, reading.value[key]


_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_NUMBER = r"(?P<number>-?\d{1,6}(?:\.\d{1,6})?|" + "|".join(_WORDS) + r")"
_END = r"(?![\w%]|\.\d)"
_ALONE = _END + r"(?![ \t]?(?:/|out of)[ \t]?\d)"
_COUNTED = r"(?![ \t](?:of|items|claims|steps|facts|sources|statements|sentences|questions|parts|criteria)\b)"
_FORMS = (
    re.compile(
        r"\b(?:grade|score|rating)s?\"?[ \t]{0,3}(?:(?:of|is|as|at|to|would be|should be|must be)\b|[:=])?"
        r"[ \t]{0,3}(?:an?[ \t])?[\"'*]{0,3}" + _NUMBER + _ALONE
    ),
    re.compile(
        r"\b(?:graded|scored|rated)[ \t](?:it[ \t])?(?:an?[ \t]|at[ \t]|as[ \t])?"
        + _NUMBER
        + _ALONE
    ),
)
_OUT_OF = re.compile(
    r"(?<![\w./-])" + _NUMBER + r"[ \t]?(?:/|out of)[ \t]?(?P<top>\d{1,6})(?!/)" + _END + _COUNTED
)
_NOT_MEANT = re.compile(
    r"(?:\bnot|n't|\bnever|\bthan|\bbelow|\babove|\bunder|\bneeds?|\brequired?s?|\bfor|\bearn|\bget|\breach"
    r"|\bdeserves?|\bmerits?|\bwarrants?)[ \t]+(?:an?[ \t]+|the[ \t]+|full[ \t]+|perfect[ \t]+|higher[ \t]+|lower[ \t]+|(?:grade|score|rating)[ \t]+of[ \t]+)*$"
)
_ONLY_IF = re.compile(r"[ \t](?:would|needs?|requires?|means?|stands?|asks?|calls)\b")


def stated_grades(reasons: str, scale: tuple[int, int]) -> list[float]:
    """Return the grades that reasons state outright: "grade: 2", "a score of two", "2/5".

    What is said of a grade that is not given is none ("not a score of 5", "a 5 needs sources"), nor
    is a fraction of another scale.

    Examples:
        >>> stated_grades("Not a score of 5, for it omits a step. I give 3/5.", (1, 5))
        [3.0]
    """
    text = reasons[:LONGEST_REASONS].lower()
    found = [match for form in _FORMS for match in form.finditer(text)]
    found += [match for match in _OUT_OF.finditer(text) if int(match["top"]) == scale[1]]
    return [_value(match["number"]) for match in found if _is_meant(text, match)]


def _is_meant(text: str, match: re.Match[str]) -> bool:
    before = text[max(0, match.start() - 40) : match.start()]
    return not (_NOT_MEANT.search(before) or _ONLY_IF.match(text, match.end()))


def _value(number: str) -> float:
    return float(_WORDS.index(number)) if number in _WORDS else float(number)


_PREFERENCES = (
    re.compile(
        r"\b[Ww]inner\"?[ \t]{0,3}(?:is|:|=)?[ \t]{0,3}(?:[Rr]eply[ \t])?[\"'*]{0,3}(A|B|tie)\b"
    ),
    re.compile(
        r"\b(A|B)[ \t](?:wins|is[ \t](?:(?:clearly|much|slightly|far|the|therefore)[ \t]){0,2}(?:better|stronger|winner|best))\b"
    ),
    re.compile(r"\bprefer(?:[ \t](?:reply|response|answer))?[ \t](A|B)\b"),
)


def stated_winners(reasons: str) -> list[str]:
    """Return the winners that reasons state outright: "winner: B", "B is better", "I prefer A".

    Examples:
        >>> stated_winners("A reads well, but B is clearly better.")
        ['B']
    """
    text = reasons[:LONGEST_REASONS]
    return [match[1] for form in _PREFERENCES for match in form.finditer(text)]
