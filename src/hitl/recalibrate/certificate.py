"""What travels with a threshold: what was proved, from what, until when; and whether it still stands."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from hitl.decisions.counts import Table
from hitl.digest import digest
from hitl.policy.schema import Policy
from hitl.recalibrate.labelling import CENSUS
from hitl.recalibrate.ladder import Ladder
from hitl.recalibrate.parts import Certificate, CertificateFile, Stratum, Threshold
from hitl.recalibrate.scores import GRAIN, Days, Scores
from hitl.recalibrate.terms import Ask
from hitl.recalibrate.threshold import Finding
from hitl.stats.proportion import upper_limit
from hitl.stats.threshold_plan import spent

_PER_ONE = 1000
_SLACK = 1e-9


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the certificates of one recalibration have in common."""

    ask: Ask
    policy: Policy
    model: str | None
    family: int
    """Action types that were tested."""


class Fault(StrEnum):
    """Why a certificate does not stand for a threshold."""

    EXPIRED = "expired"
    """Its time is over, or cannot be read."""
    OTHER_THRESHOLD = "other_threshold"
    """The policy has another threshold."""
    OTHER_MODEL = "other_model"
    """It speaks for the scores of another model."""
    OTHER_POLICY = "other_policy"
    """It is for a policy of another name."""
    OTHER_RULES = "other_rules"
    """The policy lets other decisions of the type run alone at full confidence than when it was proved."""
    UNPROVED = "unproved"
    """Its counts do not prove what it promises."""
    OTHER_CALIBRATOR = "other_calibrator"
    """Confidence goes through another calibrator now, or through none."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason why a certificate does not stand."""

    fault: Fault
    message: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What a certificate must be for."""

    policy: Policy
    at: datetime
    """Now, with its zone."""
    model: str | None = None
    """Identity whose decisions run alone; None if nobody says, and then it is not looked at."""


def issue(finding: Finding, typed: Table, scores: Scores, of: Circumstances, name: str) -> Certificate:  # fmt: skip
    """Return the certificate of a threshold that was found.

    Args:
        finding: with a threshold.
        typed: the decisions that it was found on.
        scores: where they come from.
        of: what it shares with the others.
        name: the action type.

    Raises:
        ValueError: the finding has no threshold.
    """
    sequence, ladder, terms = finding.sequence, finding.ladder, finding.terms
    if sequence is None or ladder is None or terms is None or finding.threshold is None:
        raise ValueError("no threshold was found, so there is nothing to certify")
    at, first = sequence.chosen or 0, sequence.start or 0
    rules, days = of.policy.lane_rules, scores.days.get(of.model)
    return Certificate(
        action_type=name,
        threshold=finding.threshold / GRAIN,
        target=terms.target,
        delta=terms.delta_spent,
        delta_total=of.ask.delta,
        round=of.ask.round,
        spends=of.ask.spends,
        family=of.family if of.ask.is_family else 1,
        n=int(ladder.n[at]),
        k=int(ladder.k[at]),
        n_all=int(ladder.n_all[at]),
        upper=min(1.0, sequence.steps[at].upper / terms.detection),
        method=finding.described(),
        strata=tuple(_strata(ladder, at)),
        n_tested=sequence.n_tested,
        first_tested=int(ladder.thresholds[first]) / GRAIN,
        errors_by=scores.errors_by,
        model=of.model,
        policy_id=rules.name,
        policy_version=rules.version,
        calibrator=of.policy.calibrator.digest if of.policy.calibrator else None,
        rules=rules_digest(of.policy, name),
        data_digest=data_digest(typed),
        sources=scores.sources,
        first_day=_iso_day(days, "first"),
        last_day=_iso_day(days, "last"),
        issued_at=of.ask.at.isoformat(),
        valid_until=(of.ask.at + timedelta(days=of.ask.valid_days)).isoformat(),
    )


def rules_digest(policy: Policy, name: str) -> str:
    """Return the digest of what in a policy, besides thresholds, says which decisions of a type could run alone."""
    action = policy.action_types[name].model_dump(mode="json", include={"risk", "reversible"})
    rules = policy.model_dump(
        mode="json", include={"dynamic_risk", "risk_matrix", "risk_indicators"}
    )
    return digest({"action": action, **rules})


def data_digest(typed: Table) -> str:
    """Return the digest of the counts that a test is made on, whatever the order of the rows was."""
    eligible = typed.where(eligible=1).between("score", 0, GRAIN + 1)
    lines = eligible.by("score", "probability", "label", "person").lines()
    return digest([
        [line["score"], line["probability"], line["label"], line["person"], line["n"]]
        for line in lines
    ])  # fmt: skip


def next_round(
    found: CertificateFile | None, policy_id: str, target: float, data: Collection[str] = ()
) -> int:
    """Return the number of a recalibration, one more than the last for the same policy and target.

    The same test on the same data is no new one: it keeps the number that it had.

    Args:
        found: the certificates beside the policy.
        policy_id: name of the policy.
        target: largest error rate that is to be proved.
        data: digests of the counts that the tests are made on.
    """
    known = found.certificates if found is not None else ()
    same = [one for one in known if (one.policy_id, one.target) == (policy_id, target)]
    last = max((one.round for one in same), default=0)
    if any(one.round == last and one.data_digest in data for one in same):
        return last
    return last + 1


def stands(certificate: Certificate, threshold: Threshold, now: Standing) -> tuple[Problem, ...]:
    """Return every reason why a certificate does not stand for the threshold that a policy has; none if it does.

    A threshold above the certified one is another threshold too: what was proved of all decisions above 0.8 says
    nothing of those above 0.9 alone.
    """
    return tuple(_problems(certificate, threshold, now))


def proves(certificate: Certificate) -> bool:
    """Say whether the counts prove the promise; of weighted ones only what is said of them can be held against it."""
    own = certificate.delta_total / certificate.family
    if certificate.spends:
        own = spent(own, certificate.round)
    if certificate.k > certificate.n or certificate.delta > own + _SLACK:
        return False
    if not certificate.n or certificate.upper > certificate.target + _SLACK:
        return False
    if len(certificate.strata) > 1:
        # Each stratum has its own weight, so only the total is checked here, which is laxer.
        return certificate.k <= sum(part.k for part in certificate.strata)
    limit = upper_limit(certificate.k, certificate.n, 1 - certificate.delta)
    return limit <= certificate.target + _SLACK


def _problems(one: Certificate, threshold: Threshold, now: Standing) -> Iterator[Problem]:
    rules, calibrator = now.policy.lane_rules, now.policy.calibrator
    if not _is_ahead(one.valid_until, now.at):
        yield Problem(Fault.EXPIRED, f"the certificate of {one.action_type} ended on {one.valid_until[:40]}; recalibrate on newer labels")  # fmt: skip
    if threshold != one.threshold:
        yield Problem(Fault.OTHER_THRESHOLD, f"{one.action_type} runs alone from {threshold}, and the certificate is for {one.threshold:g}; recalibrate")  # fmt: skip
    if not proves(one):
        yield Problem(Fault.UNPROVED, f"the certificate of {one.action_type} proves nothing: {one.k:,} wrong of {one.n:,} do not prove at most {one.target:.2%} with the chance that it names; recalibrate, and leave certificates as they are written")  # fmt: skip
    if now.model is not None and one.model != now.model:
        yield Problem(Fault.OTHER_MODEL, f"the certificate of {one.action_type} is for {one.model or 'a model that it does not name'}, and {now.model} decides; its scores mean something else, so recalibrate on its own decisions")  # fmt: skip
    if one.policy_id != rules.name:
        yield Problem(Fault.OTHER_POLICY, f"the certificate of {one.action_type} is for the policy {one.policy_id!r}, and this one is {rules.name!r}")  # fmt: skip
    if (
        one.rules is not None
        and one.action_type in now.policy.action_types
        and one.rules != rules_digest(now.policy, one.action_type)
    ):
        yield Problem(Fault.OTHER_RULES, f"the rules that say which {one.action_type} could run alone have changed since its threshold was certified (risk, reversibility, dynamic risk, risk matrix or indicators), so other decisions may run alone than it was proved for; recalibrate")  # fmt: skip
    if one.calibrator != (calibrator.digest if calibrator else None):
        yield Problem(Fault.OTHER_CALIBRATOR, f"the certificate of {one.action_type} is for scores from another calibrator; recalibrate with this one")  # fmt: skip


def _strata(ladder: Ladder, at: int) -> Iterator[Stratum]:
    for place, chance in enumerate(ladder.labelling.chances):
        if not ladder.sizes[place, at]:
            continue
        is_census = chance == CENSUS or ladder.labelling.is_stated
        yield Stratum(
            probability=None if is_census else chance / _PER_ONE,
            n_all=int(ladder.sizes[place, at]),
            n=int(ladder.labelled[place, at]),
            k=int(ladder.errors[place, at]),
        )


def _iso_day(days: Days | None, end: str) -> str | None:
    if days is None:
        return None
    number: int = getattr(days, end)
    return f"{datetime.fromtimestamp(number * 86_400, UTC):%Y-%m-%d}"


def _is_ahead(moment: str, at: datetime) -> bool:
    try:
        until = datetime.fromisoformat(moment)
    except ValueError:
        return False
    return until.tzinfo is not None and until > at
