"""The certificates beside a policy, and what a check of the policy and a gate say of them."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from hitl.errors import DocumentError

if TYPE_CHECKING:
    from hitl.gate.notes import NoteResult
    from hitl.gate.release import Judgement
    from hitl.policy.lint import PolicyFinding
    from hitl.policy.schema import Policy
    from hitl.recalibrate.parts import CertificateFile
    from hitl.run.inputs import ReleaseInputs


def certificates_beside(policy: Path) -> "CertificateFile | None":
    """Return the certificates of a policy; None where there is no such file.

    Raises:
        DocumentError: the file has mistakes.
    """
    from hitl.document.load import load_document
    from hitl.document.source import is_missing
    from hitl.recalibrate.parts import CertificateFile, certificates_path

    path = certificates_path(policy)
    return None if is_missing(path) else load_document(path, CertificateFile)


def threshold_findings(path: Path, policy: "Policy", at: datetime) -> "tuple[PolicyFinding, ...]":
    """Return what the thresholds of a policy do not stand on; none of it is an error.

    Raises:
        DocumentError: the certificates beside it have mistakes.
    """
    from hitl.policy.lint import Level, PolicyFinding
    from hitl.recalibrate.certificate import Standing
    from hitl.recalibrate.certified import Code, certificate_findings

    return tuple(
        PolicyFinding(
            one.code.value,
            Level.NOTE if one.code is Code.UNCERTIFIED else Level.WARNING,
            ("action_types", one.action_type, "thresholds", "auto"),
            one.message,
        )
        for one in certificate_findings(certificates_beside(path), Standing(policy, at))
    )


def with_certificates(judgement: "Judgement", inputs: "ReleaseInputs", at: datetime) -> "Judgement":
    """Return a judgement with notes on the certificates beside the release's policy; the verdict stays."""
    if inputs.policy is None or inputs.policy_path is None:
        return judgement
    from hitl.document.source import is_missing
    from hitl.recalibrate.parts import certificates_path

    if is_missing(certificates_path(inputs.policy_path)):
        return judgement
    found = _notes(inputs.policy, inputs.policy_path, _candidate(judgement), at)
    return replace(judgement, notes=(*judgement.notes, *found))


def _notes(policy: "Policy", path: Path, candidate: str, at: datetime) -> "tuple[NoteResult, ...]":
    from hitl.gate.notes import NoteResult
    from hitl.recalibrate.certificate import Standing
    from hitl.recalibrate.certified import certificate_findings

    try:
        found = certificates_beside(path)
    except DocumentError as error:
        return (NoteResult("certificates_unreadable", None, f"the certificates of the policy's thresholds cannot be read, so none stands: {error.mistakes[0].problem}"),)  # fmt: skip
    now = Standing(policy, at, candidate)
    return tuple(
        NoteResult(one.code.value, None, one.message) for one in certificate_findings(found, now)
    )


def _candidate(judgement: "Judgement") -> str:
    """Return who answers for the candidate; what the manifest calls it only where no reply says."""
    identity = judgement.identities["candidate"]
    return identity.resolved[0] if len(identity.resolved) == 1 else identity.declared
