"""A judge's answers read and put together, reply by reply."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from hitl.run.arm import Arm
from hitl.run.reply import Reply
from hitl.score.judge.grade import grade_of
from hitl.score.judge.pairwise import pair_of
from hitl.score.judge.parse import read_grade, read_winner
from hitl.score.judge.work import JudgeItem, JudgeWork
from hitl.score.judged import (
    JudgeAuthority,
    JudgeGrade,
    Judgements,
    PairGrade,
    PairKey,
    PeopleGrades,
    Question,
    ReplyKey,
    Spending,
)

Answers = Mapping[tuple[str, int], Reply]
"""Answers of the judge by (item id, repeat)."""
Authorities = Mapping[tuple[str, Question], JudgeAuthority]
"""Authority by (subset, question)."""


def read_judgements(
    work: JudgeWork,
    answers: Answers,
    repeats: int,
    authorities: Authorities | None = None,
    people: PeopleGrades | None = None,
) -> Judgements:
    """Read every answer that the work asked for; one that is not there leaves its item unscored.

    Args:
        work: what was asked.
        answers: what the judge answered; answers to other items are not looked at.
        repeats: how often each item was asked.
        authorities: as `judge_authorities` decided them before any answer; without them no
            finding counts. An answer from another model than the judge takes them away,
            and so does one of an endpoint that names no model.
        people: grades of people for a random part of the same replies.
    """
    grades: dict[str, dict[ReplyKey, JudgeGrade]] = defaultdict(dict)
    pairs: dict[str, dict[PairKey, PairGrade]] = defaultdict(dict)
    for rubric, settled in work.settled.items():
        pairs[rubric].update(settled)
    orders: dict[tuple[str, PairKey], dict[Arm, JudgeItem]] = defaultdict(dict)
    for item in work.items:
        key = item.key
        if key.question.pairwise:
            orders[key.question.rubric, PairKey(key.case_id, key.repeat)][key.arm] = item
            continue
        readings = [
            read_grade(answers.get((item.item_id, repeat)), item.scale) for repeat in range(repeats)
        ]
        reply = ReplyKey(key.arm, key.case_id, key.repeat)
        grades[key.question.rubric][reply] = grade_of(readings)
    for (rubric, pair), found in orders.items():
        previous_first, candidate_first = (
            [read_winner(answers.get((found[arm].item_id, repeat))) for repeat in range(repeats)]
            for arm in (Arm.PREVIOUS, Arm.CANDIDATE)
        )
        pairs[rubric][pair] = pair_of(previous_first, candidate_first)
    spending = _spending(work.items, answers, repeats)
    held = {
        place: _with_who_answered(authority, spending.get(authority.question))
        for place, authority in (authorities or {}).items()
    }
    return Judgements(dict(grades), dict(pairs), held, spending, work.failed, people)


def _spending(
    items: Iterable[JudgeItem], answers: Answers, repeats: int
) -> dict[Question, Spending]:
    taken: dict[Question, list[Reply]] = defaultdict(list)
    redacted: dict[Question, int] = defaultdict(int)
    for item in items:
        redacted[item.key.question] += item.n_redacted
        found = (answers.get((item.item_id, repeat)) for repeat in range(repeats))
        taken[item.key.question] += [reply for reply in found if reply is not None]
    return {question: _spent(replies, redacted[question]) for question, replies in taken.items()}


def _spent(replies: list[Reply], n_redacted: int) -> Spending:
    costs = [reply.cost_usd for reply in replies if reply.cost_usd is not None]
    names = [reply.resolved_model for reply in replies if not reply.is_error]
    return Spending(
        n_calls=len(replies),
        cost_usd=sum(costs) if len(costs) == len(replies) else None,
        resolved=tuple(sorted({name for name in names if name is not None})),
        n_redacted=n_redacted,
        n_unnamed=names.count(None),
    )


def _with_who_answered(authority: JudgeAuthority, spending: Spending | None) -> JudgeAuthority:
    """Take the authority from a judge that somebody else may have answered for: a certificate is of one model."""
    if spending is None:
        return authority
    problems = []
    if others := [name for name in spending.resolved if name != authority.model]:
        problems.append(f"{', '.join(others[:3])} answered for the judge {authority.model}")
    if authority.must_name and spending.n_unnamed:
        problems.append(
            f"{spending.n_unnamed} of {spending.n_calls} answers name no model, so who answered for the judge {authority.model} is unknown"
        )
    return replace(authority, problems=(*problems, *authority.problems)) if problems else authority
