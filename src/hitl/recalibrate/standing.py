"""Does a recalibration stand for a release: the policy with its thresholds, or the reason why not.

The document is a file that anybody can edit, so nothing in it is believed that can be worked out again: for whom and
which policy it was made, that each threshold is the certified one, and that the counts of its certificate prove it.
What no one can see without the log is whether the counts themselves are true; their digest is for that.
"""

import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from hitl.policy.action import ActionType, Never, Thresholds
from hitl.policy.schema import Policy
from hitl.recalibrate.certificate import Standing, stands
from hitl.recalibrate.parts import Certificate, Recalibration, TypeResult
from hitl.recalibrate.words import State


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a recalibration must be for."""

    policy: Policy
    policy_digest: str
    """SHA-256 of the policy file."""
    models: frozenset[str]
    """Identities by which the candidate is known."""
    at: datetime
    """Now: certificates end."""


def recalibrated_policy(found: Recalibration, wanted: Wanted) -> Policy | str:
    """Return the policy with the proposed thresholds, or why they may not be used."""
    problem = next(_problems(found, wanted), "")
    if problem:
        return problem
    types = dict(wanted.policy.action_types)
    for one in found.types:
        if one.proposed is not None:
            types[one.action_type] = _changed(types[one.action_type], one)
    version = found.new_version or wanted.policy.version
    return wanted.policy.model_copy(update={"action_types": types, "version": version})


def _problems(found: Recalibration, wanted: Wanted) -> Iterator[str]:
    if found.policy_digest != wanted.policy_digest:
        yield _other_file(found, wanted.policy)
    if found.model is None:
        yield "it does not say whose scores it was made of"
    elif found.model not in wanted.models:
        yield f"it was made for `{found.model}` and not for the candidate"
    names = [one.action_type for one in found.types]
    if len(set(names)) < len(names):
        yield "it names an action type twice"
    if not any(one.proposed is not None for one in found.types):
        yield "it proposes no threshold"
    for one in found.types:
        for problem in _type_problems(one, found, wanted):
            yield f"{one.action_type}: {problem}"
    yield from _silences(names, wanted.policy)


def _silences(names: Collection[str], policy: Policy) -> Iterator[str]:
    """Yield the types of which nothing is said: taken out of the file, they would keep thresholds that it takes away."""
    known = {name for name, one in policy.action_types.items() if one.thresholds}
    if left_out := sorted(known.difference(names)):
        yield f"it says nothing of {', '.join(left_out)}, whose threshold the policy has"


def _other_file(found: Recalibration, policy: Policy) -> str:
    """Return why a recalibration of another policy file is not used: often this one is what it proposed."""
    asked = {one.action_type: one.proposed for one in found.types if one.proposed is not None}
    known = {name: one.thresholds for name, one in policy.action_types.items() if one.thresholds}
    is_applied = found.new_version == policy.version and all(
        name in known and known[name].auto == threshold for name, threshold in asked.items()
    )
    if is_applied:
        return f"version {policy.version} of the policy has its thresholds already, so the policy as it is, is the recalibrated one"
    return "it was made for another policy file; run `hitl recalibrate` on this one"


def _type_problems(one: TypeResult, found: Recalibration, wanted: Wanted) -> Iterator[str]:
    action = wanted.policy.action_types.get(one.action_type)
    if one.proposed is None:
        return
    if action is None or action.thresholds is None:
        yield "the policy has no thresholds for it"
        return
    auto, review = action.thresholds.auto, action.thresholds.review
    if (one.auto, one.review) != (auto, review):
        yield "the thresholds that it calls those in force are not the policy's"
    if _proposed_review(one, action.thresholds) > _limit(one.proposed):
        yield "its proposed `review` lies above `auto`"
    elif _proposed_review(one, action.thresholds) != min(review, _limit(one.proposed)):
        # Between `review` and `auto` a decision may run before it is seen too.
        yield "its proposed `review` is neither the policy's nor lowered to `auto`"
    if one.proposed == auto or _limit(one.proposed) > _limit(auto):
        return  # nothing runs alone that did not before
    if one.certificate is None or one.state is not State.CERTIFIED:
        yield "a threshold without a certificate gives no autonomy"
        return
    yield from _certificate_problems(one.certificate, one, found, wanted)


def _certificate_problems(
    certificate: Certificate, one: TypeResult, found: Recalibration, wanted: Wanted
) -> Iterator[str]:
    policy = wanted.policy
    for problem in stands(certificate, "never" if one.proposed is None else one.proposed, Standing(policy, wanted.at, found.model)):  # fmt: skip
        yield problem.message
    if certificate.action_type != one.action_type:
        yield f"the certificate is for {certificate.action_type}"
    if certificate.policy_version != policy.version:
        yield f"the certificate is for version {certificate.policy_version} of the policy"
    if (certificate.target, certificate.errors_by) != (found.target, found.errors_by):
        yield "the certificate is for another target"
    points = [point for point in one.curve if point.threshold == certificate.threshold]
    if [(point.n, point.k, point.n_all) for point in points] != [(certificate.n, certificate.k, certificate.n_all)]:  # fmt: skip
        yield "the counts of the certificate are not those of the curve"


def _limit(auto: float | Never) -> float:
    return math.inf if auto == "never" else float(auto)


def _proposed_review(one: TypeResult, thresholds: Thresholds) -> float:
    return thresholds.review if one.proposed_review is None else one.proposed_review


def _changed(action: ActionType, one: TypeResult) -> ActionType:
    if action.thresholds is None or one.proposed is None:
        return action
    limits = Thresholds(auto=one.proposed, review=_proposed_review(one, action.thresholds))
    return action.model_copy(update={"thresholds": limits})
