"""Which replies to golden cases a policy would have a person look at."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from hitl.policy.schema import Policy
from hitl.recalibrate.decision_reader import DecisionReader, routed_replies
from hitl.recalibrate.forecast.replies import RoutedReply
from hitl.recalibrate.forecast.routing import Names, route, unasked_rules, without_unasked
from hitl.run.arm import Arm
from hitl.run.reply import Reply
from hitl.score.arm import ArmScores
from hitl.score.suite import Suite

Place = tuple[int, int]
"""Position of a case in the suite, and the number of a repeat."""


def with_decision(reader: DecisionReader, reply: Reply) -> Reply:
    """Return a reply with the confidence and kind of action that it states, wherever it states them."""
    said = reader.read(reply)
    found = {"confidence": said.confidence, "action_type": said.action_type}
    own = {name: value for name, value in found.items() if getattr(reply, name) is None}
    return reply.model_copy(update=own) if own else reply


def sent_to_people(
    policy: Policy | None,
    reader: DecisionReader,
    suite: Suite,
    replies: Mapping[Arm, Iterable[Reply]],
    scores: Mapping[Arm, ArmScores],
    at: datetime,
) -> frozenset[Place]:
    """Return the places at which the policy would have a person see the reply of either arm for certain.

    Both arms are routed as models that begin their work, so that the answer does not say which of them does. Rules
    that ask for what no reply has are left out, as a forecast leaves them out. What only an audit may pick is not
    certain. Without a policy nobody knows, and it is none.

    Args:
        policy: of the release.
        reader: how replies are read as decisions.
        suite: the cases.
        replies: of both arms, the same that were graded.
        scores: their grades.
        at: time at which the policy is asked.
    """
    if policy is None:
        return frozenset()
    arms = {
        arm: routed_replies(reader, suite, found, scores[arm]) for arm, found in replies.items()
    }
    places = {arm: _places(suite, found) for arm, found in replies.items()}
    every = [one for found in arms.values() for one in found]
    asked = without_unasked(policy, unasked_rules(policy, every))
    names = Names(tuple(dict.fromkeys(one.action_type for one in every)), (None, *policy.pools))
    return frozenset(
        place
        for arm, found in arms.items()
        for place, is_seen in zip(places[arm], _is_seen(asked, found, at, names), strict=True)
        if is_seen
    )


def _places(suite: Suite, replies: Iterable[Reply]) -> list[Place]:
    """Return the places of replies in the order in which they are routed."""
    found = ((suite.index.get(one.case_id), one.repeat) for one in replies)
    return sorted({(position, repeat) for position, repeat in found if position is not None})


def _is_seen(
    policy: Policy, replies: Sequence[RoutedReply], at: datetime, names: Names
) -> list[bool]:
    return [chance >= 1.0 for chance in route(replies, policy, at, at, names).seen.tolist()]
