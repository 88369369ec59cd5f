"""Which replies need a judge, and what it is asked about each.

The cascade starts here: rules come first and cost nothing. A reply that failed another rule is settled; one that
another rule could not measure would stay unmeasured whatever the judge says; an error or an empty
reply holds nothing to judge. Of two replies that are the same text neither can be better. No call is
spent on any of them.

Rules read a reply as it is; a judge reads it, and its case, without personal data and keys.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from hitl.decisions.redaction.redact import Redactor
from hitl.digest import digest
from hitl.run.arm import Arm
from hitl.run.model import Request
from hitl.run.reply import Reply
from hitl.score.answer import Answer
from hitl.score.expect.beside import by_rule
from hitl.score.expect.judge import JudgeCheck
from hitl.score.finding import Mark
from hitl.score.grade import grade_reply
from hitl.score.judge.prompt import pair_request, score_request
from hitl.score.judge.redacted import CleanText, clean_case, clean_reply
from hitl.score.judged import PairGrade, PairKey, PairOutcome, Question, ReplyKey
from hitl.score.suite import Suite

Replies = Callable[[], Iterable[Reply]]
"""Gives the replies of an arm from the start, each time that it is called."""


@dataclass(frozen=True, slots=True)
class ItemKey:
    """What one item asks about."""

    question: Question
    case_id: str
    repeat: int
    arm: Arm
    """The arm that is graded, or whose reply is shown first."""


@dataclass(frozen=True, slots=True)
class JudgeItem:
    """One thing that a judge is asked, as often as its repeats say."""

    item_id: str
    """`judge:` and a digest of the key: it names no arm to who reads it."""
    key: ItemKey
    request: Request
    scale: tuple[int, int]
    n_redacted: int = 0
    """Pieces of personal data and keys that were taken out of its texts."""


@dataclass(frozen=True, slots=True)
class JudgeWork:
    """All that a judge is asked about a release, and the comparisons that need none."""

    items: tuple[JudgeItem, ...] = ()
    settled: Mapping[str, Mapping[PairKey, PairGrade]] = field(default_factory=dict)
    """Comparisons that no judge is needed for, by rubric."""
    failed: frozenset[ReplyKey] = frozenset()
    """Replies that another rule failed."""


@dataclass(frozen=True, slots=True)
class _Standing:
    """One reply after its other rules."""

    shown: CleanText | None
    """What a judge reads; None if there is nothing to judge."""
    is_failed: bool

    @property
    def text(self) -> str | None:
        return self.shown.text if self.shown is not None else None


_Standings = dict[tuple[int, int], _Standing]


def judge_items(
    suite: Suite, previous: Replies, candidate: Replies, redactor: Redactor
) -> JudgeWork:
    """Return what a judge is asked about both arms, in the order of the suite.

    Without a judge rule in the suite no reply is read. The redactor takes personal data and keys out of every
    text of a case or a reply that enters a request; rubrics are the owner's own words and stay.
    """
    positions = judged_positions(suite)
    if not positions:
        return JudgeWork()
    standings = {
        Arm.PREVIOUS: _standings(suite, positions, previous(), redactor),
        Arm.CANDIDATE: _standings(suite, positions, candidate(), redactor),
    }
    items: list[JudgeItem] = []
    settled: dict[str, dict[PairKey, PairGrade]] = {}
    for position, repeat in sorted({key for found in standings.values() for key in found}):
        both = {arm: found.get((position, repeat)) for arm, found in standings.items()}
        for question in positions[position]:
            place = ReplyPlace(suite, position, repeat, question, redactor)
            if not question.pairwise:
                items += place.grades(both)
            elif (outcome := _without_judge(both)) is None:
                items += place.comparisons(both)
            else:
                pair = PairGrade(outcome, 0, (), is_asked=False)
                settled.setdefault(question.rubric, {})[place.pair] = pair
    failed = frozenset(
        ReplyKey(arm, suite.cases[position].id, repeat)
        for arm, found in standings.items()
        for (position, repeat), standing in found.items()
        if standing.is_failed
    )
    return JudgeWork(tuple(items), settled, failed)


def judged_positions(suite: Suite) -> dict[int, tuple[Question, ...]]:
    """Return the questions of each case that has a judge rule, by its position."""
    found: dict[int, tuple[Question, ...]] = {}
    for position, checks in enumerate(suite.checks):
        asked = {check.question for check in checks if isinstance(check, JudgeCheck)}
        if asked:
            found[position] = tuple(sorted(asked))
    return found


@dataclass(frozen=True, slots=True)
class ReplyPlace:
    """One repeat of one case, asked one question."""

    suite: Suite
    position: int
    repeat: int
    question: Question
    redactor: Redactor

    @property
    def pair(self) -> PairKey:
        """The pair of replies that stands here."""
        return PairKey(self.suite.cases[self.position].id, self.repeat)

    def grades(self, both: Mapping[Arm, _Standing | None]) -> Iterator[JudgeItem]:
        """Yield a request for a grade of each reply that has a text to judge."""
        for arm, standing in both.items():
            if standing is not None and standing.shown is not None:
                yield self.item(arm, standing.shown)

    def comparisons(self, both: Mapping[Arm, _Standing | None]) -> Iterator[JudgeItem]:
        """Yield the comparison of both replies in both orders; nothing where one has no text to judge."""
        shown = {arm: standing.shown for arm, standing in both.items() if standing is not None}
        before, after = shown.get(Arm.PREVIOUS), shown.get(Arm.CANDIDATE)
        if before is not None and after is not None:
            yield self.item(Arm.PREVIOUS, before, after)
            yield self.item(Arm.CANDIDATE, after, before)

    def item(
        self, arm: Arm, reply: CleanText, other: CleanText | None = None, probe: str = ""
    ) -> JudgeItem:
        """Return one request: a grade of `reply`, or its comparison with `other`, which is shown second.

        A probe is asked under an id of its own.
        """
        case, rubric = self.suite.cases[self.position], self.suite.rubrics[self.question.rubric]
        name = [self.question.rubric, self.question.pairwise, case.id, self.repeat, arm.value]
        item_id = f"judge:{digest([*name, probe] if probe else name)}"
        source = self.suite.subsets[self.suite.owner[self.position]].source
        shown = clean_case(self.redactor, case, source.prompt)
        request = (
            score_request(item_id, rubric, shown.text, reply.text + probe)
            if other is None
            else pair_request(item_id, rubric, shown.text, reply.text, other.text)
        )
        key = ItemKey(self.question, case.id, self.repeat, arm)
        pieces = shown.n_pieces + reply.n_pieces + (other.n_pieces if other else 0)
        return JudgeItem(item_id, key, request, rubric.scale, pieces)


def _standings(
    suite: Suite,
    positions: Mapping[int, tuple[Question, ...]],
    replies: Iterable[Reply],
    redactor: Redactor,
) -> _Standings:
    """Apply the other rules to the first reply of each (case, repeat)."""
    found: _Standings = {}
    for reply in replies:
        key = (suite.index.get(reply.case_id, -1), reply.repeat)
        if key[0] in positions and key not in found:
            found[key] = _standing(suite, key[0], reply, redactor)
    return found


def _standing(suite: Suite, position: int, reply: Reply, redactor: Redactor) -> _Standing:
    case = suite.cases[position]
    answer = Answer(reply, case)
    if reply.is_error or answer.only_graded:
        return _Standing(None, is_failed=False)
    if not answer.text and not answer.tool_calls:
        return _Standing(None, is_failed=True)
    others = by_rule(suite.checks[position])
    digest = suite.checks_digest(position) if reply.redacted else ""
    mark = grade_reply(others, reply, case, checks_digest=digest).mark if others else Mark.PASS
    shown = clean_reply(redactor, reply) if mark is Mark.PASS else None
    return _Standing(shown, mark is Mark.FAIL)


def _without_judge(both: Mapping[Arm, _Standing | None]) -> PairOutcome | None:
    """Return how a comparison ends that no judge is needed for; None if it takes one, or cannot be made."""
    before, after = both[Arm.PREVIOUS], both[Arm.CANDIDATE]
    if before is None or after is None:
        return None
    if before.text is not None and before.text == after.text:
        return PairOutcome.TIE
    if before.is_failed and after.text is not None:
        return PairOutcome.WIN
    if after.is_failed and before.text is not None:
        return PairOutcome.LOSS
    return None
