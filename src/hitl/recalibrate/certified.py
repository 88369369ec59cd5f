"""Which thresholds of a policy stand on a certificate, and what is wrong with those that do not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from hitl.recalibrate.certificate import Fault, Standing, stands
from hitl.recalibrate.closed import closed_types, unbound_types
from hitl.recalibrate.parts import Certificate, CertificateFile


class Code(StrEnum):
    """What is wrong with a threshold."""

    UNCERTIFIED = "threshold_uncertified"
    """Decisions run alone, and nothing was proved of their errors."""
    EXPIRED = "certificate_expired"
    OTHER_THRESHOLD = "certificate_for_other_threshold"
    OTHER_MODEL = "threshold_of_other_model"
    """Proved on the scores of another model, which say nothing of this one's."""
    OTHER_POLICY = "certificate_for_other_policy"
    OTHER_CALIBRATOR = "certificate_for_other_calibrator"
    OTHER_RULES = "certificate_for_other_rules"
    """Proved of other decisions than those that the policy lets run alone now."""
    UNPROVED = "certificate_proves_nothing"
    """Its counts do not prove what it promises."""


_CODES = {
    Fault.EXPIRED: Code.EXPIRED,
    Fault.OTHER_THRESHOLD: Code.OTHER_THRESHOLD,
    Fault.OTHER_MODEL: Code.OTHER_MODEL,
    Fault.OTHER_POLICY: Code.OTHER_POLICY,
    Fault.OTHER_CALIBRATOR: Code.OTHER_CALIBRATOR,
    Fault.OTHER_RULES: Code.OTHER_RULES,
    Fault.UNPROVED: Code.UNPROVED,
}


@dataclass(frozen=True, slots=True)
class CertificateFinding:
    """One thing that is wrong with what a threshold stands on."""

    code: Code
    action_type: str
    message: str


def certificate_findings(
    found: CertificateFile | None, now: Standing
) -> tuple[CertificateFinding, ...]:
    """Return what is wrong with the thresholds of a policy at which decisions run alone.

    A threshold stands if any certificate stands for it; otherwise the newest of its type says why not.

    Args:
        found: the certificates beside the policy; None where there are none.
        now: the policy, the time, and the model if somebody says which one decides.
    """
    known = found.certificates if found is not None else ()
    closed, unbound = closed_types(now.policy), unbound_types(now.policy)
    return tuple(
        finding
        for name, action in now.policy.action_types.items()
        if name in unbound or (name not in closed and action.thresholds is not None and action.thresholds.auto != "never")
        for finding in _of_type(name, [one for one in known if one.action_type == name], now)
    )  # fmt: skip


def _of_type(
    name: str, known: Sequence[Certificate], now: Standing
) -> Iterator[CertificateFinding]:
    if reason := unbound_types(now.policy).get(name):
        yield CertificateFinding(Code.UNCERTIFIED, name, f"{name} runs alone, and nothing proves how rarely it is wrong: {reason}")  # fmt: skip
        return
    thresholds = now.policy.action_types[name].thresholds
    auto = thresholds.auto if thresholds is not None else "never"
    if not known:
        message = f"{name} runs alone from {auto}, and nothing proves how rarely it is wrong there; `hitl recalibrate` does, from labelled decisions"
        yield CertificateFinding(Code.UNCERTIFIED, name, message)
        return
    problems = [stands(one, auto, now) for one in known]
    if not all(problems):
        return
    for problem in problems[-1]:
        yield CertificateFinding(_CODES[problem.fault], name, problem.message)
