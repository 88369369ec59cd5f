"""Which replies need a judge, and what it is asked about each.

The cascade starts here: rules come first and cost nothing. A reply that failed another rule is settled; one that
another rule could not measure would stay unmeasured whatever the judge says; an error or an empty
reply holds nothing to judge. Of two replies that are the same text neither can be better. No call is
spent on any of them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from hitl.digest import digest
from hitl.run.arm import Arm
from hitl.run.model import Request
from hitl.run.reply import Reply
from hitl.score.answer import Answer
from hitl.score.expect.judge import JudgeCheck
from hitl.score.finding import Mark
from hitl.score.grade import grade_reply
from hitl.score.judge.prompt import case_text, pair_request, reply_text, score_request
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

    text: str | None
    """What a judge reads; None if there is nothing to judge."""
    is_failed: bool


_Standings = dict[tuple[int, int], _Standing]


def judge_items(suite: Suite, previous: Replies, candidate: Replies) -> JudgeWork:
    """Return what a judge is asked about both arms, in the order of the suite.

    Without a judge rule in the suite no reply is read.
    """
    positions = judged_positions(suite)
    if not positions:
        return JudgeWork()
    standings = {
        Arm.PREVIOUS: _standings(suite, positions, previous()),
        Arm.CANDIDATE: _standings(suite, positions, candidate()),
    }
    items: list[JudgeItem] = []
    settled: dict[str, dict[PairKey, PairGrade]] = {}
    for position, repeat in sorted({key for found in standings.values() for key in found}):
        both = {arm: found.get((position, repeat)) for arm, found in standings.items()}
        for question in positions[position]:
            place = _Place(suite, position, repeat, question)
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
class _Place:
    """One repeat of one case, asked one question."""

    suite: Suite
    position: int
    repeat: int
    question: Question

    @property
    def pair(self) -> PairKey:
        return PairKey(self.suite.cases[self.position].id, self.repeat)

    def grades(self, both: Mapping[Arm, _Standing | None]) -> Iterator[JudgeItem]:
        for arm, standing in both.items():
            if standing is not None and standing.text is not None:
                yield self._item(arm, standing.text)

    def comparisons(self, both: Mapping[Arm, _Standing | None]) -> Iterator[JudgeItem]:
        texts = {arm: standing.text for arm, standing in both.items() if standing is not None}
        before, after = texts.get(Arm.PREVIOUS), texts.get(Arm.CANDIDATE)
        if before is not None and after is not None:
            yield self._item(Arm.PREVIOUS, before, after)
            yield self._item(Arm.CANDIDATE, after, before)

    def _item(self, arm: Arm, text: str, other: str | None = None) -> JudgeItem:
        case, rubric = self.suite.cases[self.position], self.suite.rubrics[self.question.rubric]
        name = [self.question.rubric, self.question.pairwise, case.id, self.repeat, arm.value]
        item_id = f"judge:{digest(name)}"
        prompt = self.suite.subsets[self.suite.owner[self.position]].source.prompt
        shown = case_text(case, prompt)
        request = (
            score_request(item_id, rubric, shown, text)
            if other is None
            else pair_request(item_id, rubric, shown, text, other)
        )
        key = ItemKey(self.question, case.id, self.repeat, arm)
        return JudgeItem(item_id, key, request, rubric.scale)


def _standings(
    suite: Suite, positions: Mapping[int, tuple[Question, ...]], replies: Iterable[Reply]
) -> _Standings:
    """Apply the other rules to the first reply of each (case, repeat)."""
    found: _Standings = {}
    for reply in replies:
        key = (suite.index.get(reply.case_id, -1), reply.repeat)
        if key[0] in positions and key not in found:
            found[key] = _standing(suite, key[0], reply)
    return found


def _standing(suite: Suite, position: int, reply: Reply) -> _Standing:
    case = suite.cases[position]
    answer = Answer(reply, case)
    if reply.is_error or answer.only_graded:
        return _Standing(None, is_failed=False)
    if not answer.text and not answer.tool_calls:
        return _Standing(None, is_failed=True)
    others = [check for check in suite.checks[position] if not isinstance(check, JudgeCheck)]
    digest = suite.checks_digest(position) if reply.redacted else ""
    mark = grade_reply(others, reply, case, checks_digest=digest).mark if others else Mark.PASS
    return _Standing(reply_text(reply) if mark is Mark.PASS else None, mark is Mark.FAIL)


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
