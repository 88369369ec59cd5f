"""What people could look at: each case with what both arms made of it, and why it should be looked at.

Everything here is the same whichever arm is which, but for the name on each output.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from rapidfuzz import fuzz

from hitl.document.schema import Json
from hitl.golden.case import Case
from hitl.review.candidate import Candidate, Output, case_digest, reply_digest
from hitl.review.words import Scope
from hitl.run.arm import Arm
from hitl.run.reply import Reply
from hitl.score.arm import ArmScores
from hitl.score.expect.review import ReviewCheck
from hitl.score.suite import Suite

Place = tuple[int, int]
"""Position of a case in the suite, and the number of a repeat."""
_READ = 5_000
"""Characters of two outputs that are compared."""


@dataclass(frozen=True, slots=True)
class GradedReplies:
    """The replies of one arm, by place, with the mark of each: 1 pass, 0 fail, -1 unmeasured."""

    arm: Arm
    replies: Mapping[Place, Reply]
    marks: Mapping[Place, int]

    @classmethod
    def of(cls, arm: Arm, suite: Suite, replies: Iterable[Reply], scores: ArmScores) -> "GradedReplies":  # fmt: skip
        """Join replies with their grades.

        Args:
            arm: whose they are.
            suite: the cases.
            replies: the same that were graded, in any order.
            scores: their grades.

        Raises:
            ValueError: they are not the same.
        """
        first: dict[Place, Reply] = {}
        for reply in replies:
            position = suite.index.get(reply.case_id)
            if position is not None:
                first.setdefault((position, reply.repeat), reply)
        ordered = sorted(first)
        if [position for position, _ in ordered] != scores.case.tolist():
            raise ValueError("these are not the replies that were graded")
        return cls(arm, first, dict(zip(ordered, scores.mark.tolist(), strict=True)))


def judged_by_people(suite: Suite) -> frozenset[int]:
    """Return the positions of cases that an expectation wants a person to approve."""
    return frozenset(
        at
        for at, checks in enumerate(suite.checks)
        if any(isinstance(check, ReviewCheck) for check in checks)
    )


def reviewable(
    suite: Suite, arms: tuple[GradedReplies, GradedReplies], sent: Collection[Place]
) -> tuple[Candidate, ...]:
    """Return what could be reviewed, in the order of the suite.

    One repeat of each case, the first with an output of both arms, or else of one; all of them where people are to
    approve each reply.

    Args:
        suite: the cases.
        arms: both arms' replies.
        sent: places of which the policy would send the reply of either arm to a person.
    """
    judged = judged_by_people(suite)
    places: dict[int, list[Place]] = {}
    for place in sorted({place for arm in arms for place in arm.replies}):
        places.setdefault(place[0], []).append(place)
    return tuple(
        _candidate(suite, arms, place, sent, is_judged=position in judged)
        for position, repeats in places.items()
        for place in (repeats if position in judged else [_fullest(arms, repeats)])
    )


def _fullest(arms: tuple[GradedReplies, GradedReplies], repeats: list[Place]) -> Place:
    """Return the first repeat of which most arms have an output: which arm lacks one does not matter."""
    return max(repeats, key=lambda place: (sum(1 for _ in _outputs(arms, place)), -place[1]))


def _candidate(
    suite: Suite,
    arms: tuple[GradedReplies, GradedReplies],
    place: Place,
    sent: Collection[Place],
    *,
    is_judged: bool,
) -> Candidate:
    case = suite.cases[place[0]]
    marks = [arm.marks.get(place, -1) for arm in arms]
    scopes = {Scope.JUDGED} if is_judged else set()
    scopes |= {Scope.POLICY} if place in sent else set()
    scopes |= {Scope.FAILING} if 0 in marks else set()
    scopes |= {Scope.FLIPPED} if sorted(marks) == [0, 1] else set()
    outputs = tuple(_outputs(arms, place))
    return Candidate(
        case_id=case.id,
        subset=suite.subset_of(place[0]),
        cluster=str(suite.lineage.joined[place[0]]),
        repeat=place[1],
        input=input_text(case),
        context=shown_json(case.context),
        case_digest=case_digest(case),
        severity=case.severity,
        outputs=outputs,
        scopes=frozenset(scopes),
        uncertainty=_uncertainty(outputs, arms, place),
    )


def _outputs(arms: tuple[GradedReplies, GradedReplies], place: Place) -> Iterator[Output]:
    for arm in arms:
        reply = arm.replies.get(place)
        if reply is None or reply.is_error or (reply.text is None and not reply.tool_calls):
            continue  # nobody can look at what is not there
        calls: Json = [{"name": one.name, "arguments": one.arguments} for one in reply.tool_calls or ()]  # fmt: skip
        yield Output(
            arm=arm.arm,
            text=reply.text or "",
            tool_calls=shown_json(calls or None),
            confidence=reply.confidence,
            action_type=reply.action_type,
            digest=reply_digest(reply),
        )


def _uncertainty(
    outputs: tuple[Output, ...], arms: tuple[GradedReplies, GradedReplies], place: Place
) -> float:
    """Return how unsure models and rules are, 0 to 1: the most that any sign of it says."""
    signs = [1.0 - one.confidence for one in outputs if one.confidence is not None]
    texts = sorted(one.text[:_READ] for one in outputs)
    signs.append(1.0 - fuzz.ratio(*texts) / 100.0 if len(texts) == len(arms) else 0.0)
    for arm in arms:
        own = {mark for (position, _), mark in arm.marks.items() if position == place[0]}
        signs.append(1.0 if len(own) > 1 or -1 in own else 0.0)
    return min(1.0, max(0.0, *signs))


def input_text(case: Case) -> str:
    """Return what a case asks as people read it: text, chat messages one below the other, or indented JSON."""
    if isinstance(case.input, str):
        return case.input
    if isinstance(case.input, dict):
        return shown_json(case.input)
    return "\n\n".join(_message(message) for message in case.input)


def shown_json(value: Json | tuple[Json, ...]) -> str:
    """Return a value as people read it: text as it stands, anything else as indented JSON; nothing for nothing."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)


def _message(message: Mapping[str, Json]) -> str:
    rest = {name: value for name, value in message.items() if name not in ("role", "content")}
    parts = [shown_json(message.get("content"))] + ([shown_json(rest)] if rest else [])
    return f"{message.get('role', 'message')}:\n" + "\n".join(filter(None, parts))
