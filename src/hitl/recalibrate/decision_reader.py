"""Replies to golden cases as the decisions that they stand for."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from hitl.errors import Mistake
from hitl.golden.expectation import ParseTier
from hitl.manifest.forecast import DecisionFields
from hitl.policy.decision import as_stated, as_text, read_confidence
from hitl.policy.people import Failure
from hitl.recalibrate.forecast.replies import RoutedArms, RoutedReply
from hitl.run.conduct import fault_of
from hitl.run.reply import Reply
from hitl.score.arm import ArmScores
from hitl.score.expect.place import Place, TooManyPlaces
from hitl.score.parse import read_json
from hitl.score.suite import Suite

_RIGHT = {1: True, 0: False}
_NOTHING: Mapping[str, object] = {}
_SAID = ("declared_model", "output_tokens", "latency_ms", "cost_usd")


@dataclass(frozen=True, slots=True)
class Said:
    """What a reply says of the decision that it stands for."""

    action_type: str | None
    confidence: float | None
    risk: str | None
    content: Mapping[str, object]
    failure: str | None
    """How the model failed; None if it answered usably."""


class DecisionReader:
    """Reads the decision out of a reply: a field of the reply itself, else a path into its JSON.

    The JSON counts only where the whole reply is JSON, because a workflow that acts on it reads no other; a reply that
    should be JSON and is none is an output that cannot be used. A path that names several values names none.
    """

    def __init__(self, fields: DecisionFields) -> None:
        """Compile.

        Raises:
            ValueError: a path that is wrong; `path_mistakes` says which.
        """
        named = fields.model_dump(exclude_none=True)
        self._places = {name: Place(path) for name, path in named.items()}

    def read(self, reply: Reply) -> Said:
        """Return what a reply says; what it does not say is None, and the policy sends it to a person."""
        if reply.is_error:
            return Said(None, None, None, _NOTHING, _failure(reply))
        reading = read_json(reply.text) if reply.text else None
        value = reading.value if reading and reading.within(ParseTier.STRICT) else None
        is_lost = value is None and bool(self._places) and reply.action_type is None
        stated = reply.confidence
        return Said(
            action_type=as_text(reply.action_type) or as_text(self._at("action_type", value)),
            confidence=read_confidence(self._at("confidence", value) if stated is None else stated),
            risk=as_stated(self._at("risk", value)),
            content=value if isinstance(value, dict) else _NOTHING,
            failure=Failure.INVALID_OUTPUT.value if is_lost else None,
        )

    def _at(self, name: str, value: object) -> object:
        place = self._places.get(name)
        if place is None or value is None:
            return None
        try:
            found = place.values(value)
        except TooManyPlaces:
            return None
        return found[0] if len(found) == 1 else None


def path_mistakes(fields: DecisionFields, file: str) -> Iterator[Mistake]:
    """Yield every path of a manifest that is wrong."""
    for name, path in fields.model_dump(exclude_none=True).items():
        try:
            Place(path)
        except ValueError as error:
            yield Mistake(file, 0, f"decision_fields.{name}", str(error))


def routed_replies(
    reader: DecisionReader, suite: Suite, replies: Iterable[Reply], scores: ArmScores
) -> tuple[RoutedReply, ...]:
    """Return one arm's replies as decisions, with the marks that they were given.

    What a case's input says of the matter, where it is an object, stands in the content and goes before what the reply
    claims of it: a model must not talk its own risk down.

    Args:
        reader: how replies are read.
        suite: the cases.
        replies: the same that were graded, in any order.
        scores: their grades.
    """
    first: dict[tuple[int, int], Reply] = {}
    for reply in replies:
        position = suite.index.get(reply.case_id)
        if position is not None:
            first.setdefault((position, reply.repeat), reply)
    ordered = sorted(first)
    if not np.array_equal([position for position, _ in ordered], scores.case):
        raise ValueError("these are not the replies that were graded")
    return tuple(
        replace(_routed(reader, first[key], suite, key[0]), is_right=_RIGHT.get(int(mark)))
        for key, mark in zip(ordered, scores.mark, strict=True)
    )


def routed_arms(
    suite: Suite,
    previous: tuple[RoutedReply, ...],
    candidate: tuple[RoutedReply, ...],
    owed: tuple[int, int],
) -> RoutedArms:
    """Return both arms, what the candidate owes and did not give as calls that failed.

    Without them a candidate would be forecast by the cases alone that it chose to answer.

    Args:
        suite: the cases.
        previous: routed replies of the arm in use.
        candidate: of the other.
        owed: replies that each arm owes each case.
    """
    given = [Counter(one.case for one in arm if not _is_failed(one)) for arm in (previous, candidate)]  # fmt: skip
    n_unanswered = sum(
        any(found[case.id] < n for found, n in zip(given, owed, strict=True))
        for case in suite.cases
    )
    there = Counter(one.case for one in candidate)
    lost = (
        RoutedReply(
            case=case.id,
            cluster=str(suite.lineage.joined[position]),
            action_type=None,
            confidence=None,
            is_right=None,
            content=case.input if isinstance(case.input, dict) else _NOTHING,
            failure=Failure.MODEL_ERROR.value,
        )
        for position, case in enumerate(suite.cases)
        for _ in range(owed[1] - there[case.id])
    )
    return RoutedArms(previous, (*candidate, *lost), n_unanswered)


def _is_failed(reply: RoutedReply) -> bool:
    return reply.failure in (Failure.MODEL_ERROR.value, Failure.MODEL_TIMEOUT.value)


def _routed(reader: DecisionReader, reply: Reply, suite: Suite, position: int) -> RoutedReply:
    case, said = suite.cases[position], reader.read(reply)
    about = case.input if isinstance(case.input, dict) else _NOTHING
    fields: dict[str, object] = {name: getattr(reply, name) for name in _SAID}
    fields["output_chars"] = None if reply.text is None else len(reply.text)
    # A reply that names nobody counts as by the model that was asked, as it does for the identity of an arm.
    fields["resolved_model"] = reply.resolved_model or reply.declared_model
    fields["output_format"] = as_text((reply.labels or {}).get("output_format"))
    return RoutedReply(
        case=case.id,
        cluster=str(suite.lineage.joined[position]),
        action_type=said.action_type,
        confidence=said.confidence,
        is_right=None,
        content={**said.content, **about},
        cost=reply.cost_usd,
        risk=said.risk,
        failure=said.failure,
        fields={name: value for name, value in fields.items() if value is not None},
    )


def _failure(reply: Reply) -> str:
    is_late = "timeout" in fault_of(reply)
    return (Failure.MODEL_TIMEOUT if is_late else Failure.MODEL_ERROR).value
