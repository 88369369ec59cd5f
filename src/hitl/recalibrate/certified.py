"""Which thresholds of a policy stand on a certificate, and what is wrong with those that do not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from hitl.recalibrate.certificate import Fault, Standing, stands
from hitl.recalibrate.closed import closed_types
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
    closed = closed_types(now.policy)
    return tuple(
        finding
        for name, action in now.policy.action_types.items()
        if name not in closed and action.thresholds is not None and action.thresholds.auto != "never"
        for finding in _of_type(name, [one for one in known if one.action_type == name], now)
    )  # fmt: skip


def _of_type(
    name: str, known: Sequence[Certificate], now: Standing
) -> Iterator[CertificateFinding]:
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
        yield CertificateFinding(_code(problem.fault), name, problem.message)


def _code(fault: Fault) -> Code:
    match fault:
        case Fault.EXPIRED:
            return Code.EXPIRED
        case Fault.OTHER_THRESHOLD:
            return Code.OTHER_THRESHOLD
        case Fault.OTHER_MODEL:
            return Code.OTHER_MODEL
        case Fault.OTHER_POLICY:
            return Code.OTHER_POLICY
        case Fault.OTHER_CALIBRATOR:
            return Code.OTHER_CALIBRATOR
        case _:
            assert_never(fault)
