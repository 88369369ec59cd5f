"""What a recalibration would change in a policy file, and the certificates that go with it."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hitl.digest import digest_bytes
from hitl.document.edit import Edit, edit_scalars, replacements
from hitl.document.tree import field_name
from hitl.errors import UsageError
from hitl.policy.action import Thresholds
from hitl.policy.load import parse_checked
from hitl.policy.schema import Policy
from hitl.recalibrate.certificate import next_round, proves
from hitl.recalibrate.diff import unified_diff
from hitl.recalibrate.parts import (
    Certificate,
    CertificateFile,
    Change,
    Recalibration,
    Threshold,
    TypeResult,
)
from hitl.recalibrate.terms import Ask
from hitl.recalibrate.version import next_version
from hitl.recalibrate.words import Direction, State

NEVER: Threshold = "never"


@dataclass(frozen=True, slots=True)
class PolicyFile:
    """A policy as it was read."""

    path: Path
    content: bytes
    policy: Policy

    @classmethod
    def of(cls, path: Path, content: bytes) -> "PolicyFile":
        """Read a policy from the bytes of its file.

        Raises:
            DocumentError: every mistake in it.
        """
        return cls(path, content, parse_checked(content, path, Policy))


@dataclass(frozen=True, slots=True)
class Proposal:
    """A policy file as it is and as it would be."""

    before: PolicyFile
    after: PolicyFile
    changes: tuple[Change, ...]
    loosened: tuple[str, ...]
    """Action types of which decisions may run alone that did not before."""

    @property
    def new_version(self) -> str | None:
        """Version of the changed policy; None where nothing changes."""
        return self.after.policy.version if self.changes else None

    @property
    def diff(self) -> bytes:
        """The changes as a unified diff; empty where there are none."""
        return unified_diff(self.before.content, self.after.content, self.before.path)


def propose(
    types: Sequence[TypeResult], current: PolicyFile, version: str | None = None
) -> Proposal:
    """Return what the results for some action types would change; a changed policy gets a new version.

    Args:
        types: what was found; `proposed` and `proposed_review` are taken at their word.
        current: the policy.
        version: the new version; the one that follows if not given.

    Raises:
        DocumentError: a value cannot be changed without touching anything else, or the changed policy is none.
        UsageError: the new version is the old one, or no name.
    """
    edits = [edit for one in types for edit in _edits(one)]
    if not edits:
        return Proposal(current, current, (), ())
    if version is not None and not (version.isprintable() and version.strip()):
        raise UsageError("--policy-version: expected a name of one line, such as 5 or 2026-06")
    if version == current.policy.version:
        raise UsageError(
            f"--policy-version {version} is the version in force; a changed policy is a new version, so name another"
        )
    edits.append(Edit(("version",), version or next_version(current.policy.version)))
    content = edit_scalars(current.content, current.path, edits)
    changes = tuple(
        Change(field=field_name(one.at), line=one.line, before=one.before, after=one.after)
        for one in sorted(replacements(current.content, current.path, edits), key=lambda one: one.start)
    )  # fmt: skip
    loosened = tuple(one.action_type for one in types if _loosens(one))
    return Proposal(current, PolicyFile.of(current.path, content), changes, loosened)


def keeping_uncertified(types: Sequence[TypeResult]) -> tuple[tuple[TypeResult, ...], str]:
    """Return the results with thresholds that nothing certifies left in force, and a note that says so."""
    kept = [one for one in types if one.proposed == NEVER and one.auto != NEVER]
    if not kept:
        return tuple(types), ""
    found = tuple(
        one.model_copy(update={"proposed": None, "proposed_review": None, "direction": Direction.KEEPS}) if one in kept else one
        for one in types
    )  # fmt: skip
    names = ", ".join(one.action_type for one in kept)
    return found, f"NOT CERTIFIED and left in force because --keep-uncertified was given: {names}; nothing is promised of the errors there"  # fmt: skip


def keeping_proved(
    types: Sequence[TypeResult], old: CertificateFile | None
) -> tuple[TypeResult, ...]:
    """Return the results without a change of thresholds that the same data has proved before.

    A threshold in force is tested beside the others, so that one that has just been written could move the next
    test by a step. The same labels prove a threshold once.
    """
    known = {_claim(one): one for one in (old.certificates if old is not None else ())}
    return tuple(_kept_if_proved(one, known) for one in types)


def concluded(
    document: Recalibration, proposal: Proposal, replay: bytes | None = None
) -> Recalibration:
    """Return a recalibration with what it proposes, and the replay behind what is looser."""
    replayed = digest_bytes(replay) if replay is not None else None
    types = tuple(
        _with_replay(one, replayed) if one.action_type in proposal.loosened else one
        for one in document.types
    )
    return document.model_copy(
        update={
            "policy_digest": digest_bytes(proposal.before.content),
            "new_version": proposal.new_version,
            "types": types,
            "changes": proposal.changes,
            "loosens": bool(proposal.loosened),
            "replay_digest": replayed,
        }
    )


def proposed_certificates(document: Recalibration) -> tuple[Certificate, ...]:
    """Return the certificates of thresholds that would be in force after the proposal."""
    found = ((one, one.certificate) for one in document.types)
    return tuple(
        certificate
        for one, certificate in found
        if certificate is not None and certificate.threshold == _in_force_after(one)
    )


def certificate_file(
    document: Recalibration, old: CertificateFile | None, data: Collection[str]
) -> CertificateFile:
    """Return the certificates beside a policy with those of a recalibration behind the older ones.

    A recalibration that is repeated on the same data adds nothing. One that certified nothing has spent its chance all
    the same, so its number is kept.

    Args:
        document: the recalibration, concluded.
        old: the certificates so far.
        data: digests of the counts that were tested.
    """
    known = old.certificates if old is not None else ()
    proofs = {_proof(one) for one in known}
    new = tuple(one for one in proposed_certificates(document) if _proof(one) not in proofs)
    last, tested = (old.last_round, old.last_data) if old is not None else (0, ())
    has_spent = was_tested(document)
    return CertificateFile(
        format="hitl/threshold-certificates/v1",
        policy_id=document.policy_id,
        policy_version=document.new_version or document.policy_version,
        certificates=(*known, *new),
        last_round=max(last, document.round) if has_spent else last,
        last_data=tuple(sorted(data)) if has_spent else tested,
    )


def round_of(
    old: CertificateFile | None, policy_id: str, target: float, data: Collection[str]
) -> int:
    """Return the number of a recalibration: one more than the last, unless that tested exactly the same data."""
    if old is None or not old.last_round:
        return next_round(old, policy_id, target, data)
    if set(old.last_data) == set(data):
        return old.last_round
    return max(next_round(old, policy_id, target), old.last_round + 1)


def mixed_note(old: CertificateFile | None, policy_id: str, ask: Ask) -> str:
    """Return that earlier recalibrations did not keep to the one chance that this one shares; empty if they did."""
    known = old.certificates if old is not None else ()
    own = {
        one.round
        for one in known
        if one.policy_id == policy_id and not one.spends and one.round < ask.round
    }
    if not ask.spends or not own:
        return ""
    return f"{len(own):,} earlier recalibrations of this policy had a chance of their own, so one chance for all does not hold over these; it holds from this one on"


def was_tested(document: Recalibration) -> bool:
    """Say whether any threshold was tested, and so a part of the chance was spent."""
    return any(one.state in {State.CERTIFIED, State.UNCERTIFIED} for one in document.types)


def document_bytes(document: Recalibration | CertificateFile) -> bytes:
    """Return a document as JSON: the same document, the same bytes."""
    return json.dumps(document.model_dump(mode="json"), indent=1, allow_nan=False).encode() + b"\n"


def _edits(one: TypeResult) -> Iterator[Edit]:
    place = ("action_types", one.action_type, "thresholds")
    if one.proposed is not None and one.proposed != one.auto:
        yield Edit((*place, "auto"), one.proposed)
        if one.proposed_review is not None and one.proposed_review != one.review:
            yield Edit((*place, "review"), one.proposed_review)


def _in_force_after(one: TypeResult) -> Threshold | None:
    return one.auto if one.proposed is None else one.proposed


def _loosens(one: TypeResult) -> bool:
    """Say whether a lower confidence would be enough: then decisions may run alone that did not before."""
    after = _in_force_after(one)
    return after is not None and (one.auto is None or _limit(after) < _limit(one.auto))


def _limit(threshold: Threshold) -> float:
    return Thresholds(auto=threshold, review=0.0).auto_limit


def _with_replay(one: TypeResult, replayed: str | None) -> TypeResult:
    if one.certificate is None:
        return one
    certificate = one.certificate.model_copy(update={"replay": replayed})
    return one.model_copy(update={"certificate": certificate})


def _kept_if_proved(one: TypeResult, known: Mapping[tuple[object, ...], Certificate]) -> TypeResult:
    if one.certificate is None or one.proposed == one.auto:
        return one
    before = known.get(_claim(one.certificate))
    if before is None or before.threshold != one.auto or not _is_seen(before, one):
        return one
    return one.model_copy(
        update={"proposed": one.auto, "proposed_review": one.review, "direction": Direction.KEEPS, "certificate": before}
    )  # fmt: skip


def _is_seen(before: Certificate, one: TypeResult) -> bool:
    """Say whether an older certificate proves what it says with counts that the curve has too."""
    points = [point for point in one.curve if point.threshold == before.threshold]
    counts = [(point.n, point.k, point.n_all) for point in points]
    return proves(before) and counts == [(before.n, before.k, before.n_all)]


def _claim(one: Certificate) -> tuple[object, ...]:
    """Return what a certificate is about, whatever its threshold is."""
    promise = (one.target, one.delta_total, one.spends, one.family, one.errors_by)
    return (one.action_type, one.policy_id, one.model, one.calibrator, promise, one.method, one.data_digest)  # fmt: skip


def _proof(one: Certificate) -> tuple[object, ...]:
    return (one.action_type, one.policy_id, one.model, one.threshold, one.target, one.delta, one.data_digest)  # fmt: skip
