"""What judges found, as the checks look it up: grades and comparisons by reply, and the authority that each has."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from hitl.run.arm import Arm


class Question(NamedTuple):
    """What a judge is asked about replies: a rubric, and whether it grades one or compares two."""

    rubric: str
    pairwise: bool


class ReplyKey(NamedTuple):
    """One reply of a release."""

    arm: Arm
    case_id: str
    repeat: int


class PairKey(NamedTuple):
    """Both arms' replies to a case in one repeat."""

    case_id: str
    repeat: int


PeopleGrades = Mapping[ReplyKey, bool | float]
"""What people said of replies: whether each passes, or its grade on the rubric's scale."""


class PairOutcome(StrEnum):
    """How the candidate's reply came out of a comparison."""

    WIN = "win"
    LOSS = "loss"
    TIE = "tie"


@dataclass(frozen=True, slots=True)
class JudgeGrade:
    """All gradings of one reply by one rubric."""

    mean: float | None
    """Mean over the gradings that hold a grade; None if fewer than half do."""
    spread: float | None
    """Standard deviation over them (n - 1); None below two."""
    n_repeats: int
    unscored: tuple[str, ...]
    """Why each of the others holds none."""
    reasons: str = ""
    """What the lowest of them says, cut to what people read; a model wrote it."""

    @property
    def n_unscored(self) -> int:
        """Gradings without a grade."""
        return len(self.unscored)


@dataclass(frozen=True, slots=True)
class PairGrade:
    """All comparisons of two replies by one rubric, each in both orders."""

    outcome: PairOutcome | None
    """What more than half of the comparisons say, else a tie; None if fewer than half are scored."""
    n_repeats: int
    unscored: tuple[str, ...]
    """Why each of the others is not scored: one reason for a comparison."""
    n_flips: int = 0
    """Comparisons whose answer changes with the order."""
    first_lean: int = 0
    """Comparisons that flip towards the reply shown first, less those that flip towards the second."""
    n_first: int = 0
    """Answers that prefer the reply shown first."""
    n_decisive: int = 0
    """Answers that prefer either."""
    is_asked: bool = True
    """Whether a judge was asked: the same text twice is a tie, and a reply that rules failed has lost."""


@dataclass(frozen=True, slots=True)
class JudgeAuthority:
    """Whether a judge's finding counts in one subset, settled before any grade is read."""

    question: Question
    judge_id: str
    model: str
    problems: tuple[str, ...]
    """What its certificate lacks; empty if it is valid."""
    is_signal: bool
    """Whether the subset is a signal only, where no certificate is needed."""
    must_name: bool = False
    """Whether its answers come from an endpoint, where nothing but the name in them tells who gave them."""

    @property
    def counts(self) -> bool:
        """Whether a finding may pass or fail a reply."""
        return self.is_signal or not self.problems


@dataclass(frozen=True, slots=True)
class Spending:
    """What one question took."""

    n_calls: int
    """Answers that stand in the journal, failed calls included."""
    cost_usd: float | None
    """None if any answer does not say."""
    resolved: tuple[str, ...]
    """Identities that the answers name, sorted."""
    n_redacted: int = 0
    """Pieces taken out of the texts of its requests; a text counts in each request that it stands in."""
    n_unnamed: int = 0
    """Answers that name no model; failed calls are not among them."""


@dataclass(frozen=True, slots=True)
class Judgements:
    """Everything that judges found in one run."""

    grades: Mapping[str, Mapping[ReplyKey, JudgeGrade]] = field(default_factory=dict)
    """By rubric."""
    pairs: Mapping[str, Mapping[PairKey, PairGrade]] = field(default_factory=dict)
    """By rubric."""
    authorities: Mapping[tuple[str, Question], JudgeAuthority] = field(default_factory=dict)
    """By subset and question; what does not stand here has none."""
    spending: Mapping[Question, Spending] = field(default_factory=dict)
    failed: frozenset[ReplyKey] = frozenset()
    """Replies to cases with a judge rule that another rule failed."""
    people: PeopleGrades | None = None
    """Grades that people gave to a random part of the same replies; None: the release names none."""

    def view(self, arm: Arm, subset: str) -> "JudgedView":
        """Return what the checks of one arm's replies in one subset may look up."""
        return JudgedView(self, arm, subset)


@dataclass(frozen=True, slots=True)
class JudgedView:
    """The judgements of one arm in one subset."""

    judgements: Judgements
    arm: Arm
    subset: str

    def authority(self, question: Question) -> JudgeAuthority | None:
        """Return the authority of a question; None: nobody decided it, so there is none."""
        return self.judgements.authorities.get((self.subset, question))

    def grade(self, rubric: str, case_id: str, repeat: int) -> JudgeGrade | None:
        """Return the grade of a reply."""
        return self.judgements.grades.get(rubric, {}).get(ReplyKey(self.arm, case_id, repeat))

    def pair(self, rubric: str, case_id: str, repeat: int) -> PairGrade | None:
        """Return the comparison that a reply stands in."""
        return self.judgements.pairs.get(rubric, {}).get(PairKey(case_id, repeat))

    def is_loss(self, pair: PairGrade) -> bool:
        """Say whether this arm's reply lost a comparison."""
        lost = PairOutcome.LOSS if self.arm is Arm.CANDIDATE else PairOutcome.WIN
        return pair.outcome is lost
