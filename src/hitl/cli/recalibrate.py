"""What `hitl recalibrate` reads, proposes, writes and says."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hitl.cli.output import tell
from hitl.cli.recalibrate_files import Result, say, write_calibrator, write_folder, write_policy
from hitl.decisions.query import EngineName
from hitl.errors import EvidenceError, UsageError

if TYPE_CHECKING:
    from datetime import datetime

    import numpy as np

    from hitl.cli.recalibrate_for import ReleaseFacts
    from hitl.decisions.source import Log
    from hitl.policy.schema import Policy
    from hitl.recalibrate.parts import CertificateFile, Recalibration, Simulation
    from hitl.recalibrate.proposal import PolicyFile, Proposal
    from hitl.recalibrate.scores import Scores
    from hitl.recalibrate.terms import Ask
    from hitl.recalibrate.words import ErrorsBy

_SEED = 0


@dataclass(frozen=True, slots=True)
class Promise:
    """What is to be proved, as it was asked for."""

    target: float
    delta: float
    is_family: bool
    spends: bool
    round: int | None
    """Its number, if it was given; then one chance is spent over all of them."""
    errors_by: "ErrorsBy"
    random_labels: bool
    valid_days: int

    def check(self) -> None:
        """Refuse what no test can prove.

        Raises:
            UsageError: a target or a chance that is none.
        """
        for name, value, most, usual in (
            ("--target", self.target, 0.5, 0.02),
            ("--delta", self.delta, 0.25, 0.05),
        ):
            if not 0 < value <= most:
                raise UsageError(f"{name} {value:g}: expected more than 0 and at most {most:g}, beyond which the test proves nothing; such as {usual:g}")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Whose:
    """Which models were named."""

    release: Path | None
    model: str | None
    previous: str | None


@dataclass(frozen=True, slots=True)
class Reading:
    """How the log is read."""

    mapping: Path | None
    sets_aside: bool
    memory_mb: int
    engine: EngineName


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for."""

    policy: Path
    whose: Whose
    promise: Promise
    reading: Reading
    keep_uncertified: bool
    policy_version: str | None
    simulate: bool
    calibrator: Path | None


@dataclass(frozen=True)
class Inputs:
    """The files that a recalibration begins with."""

    current: "PolicyFile"
    certificates: "CertificateFile | None"
    facts: "ReleaseFacts"
    at: "datetime"
    chance: "Callable[[str], np.random.Generator]"


def run_recalibration(
    logs: Sequence[str], asked: Asked, out: Path, *, write: bool, as_json: bool
) -> int:
    """Fit, propose, write and say; return the exit code.

    Raises:
        UsageError: an option that cannot work, or a folder that cannot be written.
        DocumentError: a log, policy, release or certificates with faults, or a policy that cannot be changed in place.
    """
    from hitl.recalibrate.recalibration import was_answered

    asked.promise.check()
    inputs = _inputs(asked)
    found = _recalibrated(logs, asked, inputs)
    write_folder(found, out)
    is_written = write and was_answered(found.document)
    if is_written:
        write_policy(found)
    say(found, out, as_json=as_json, is_written=is_written)
    if asked.calibrator is not None:
        write_calibrator(found, asked.calibrator)
    if was_answered(found.document):
        return 0
    kept = f"; {asked.policy} was left as it is" if write else ""
    tell(f"hitl: no action type could be tested{kept}; the reasons stand above, and `hitl log lint` says what the log lacks")  # fmt: skip
    return int(EvidenceError.exit_code)


def _inputs(asked: Asked) -> Inputs:
    from hitl.cli.certificates import certificates_beside
    from hitl.cli.clock import now, seeded
    from hitl.cli.recalibrate_for import release_facts
    from hitl.document.source import read_bytes
    from hitl.recalibrate.proposal import PolicyFile

    return Inputs(
        PolicyFile.of(asked.policy, read_bytes(asked.policy)),
        certificates_beside(asked.policy),
        release_facts(asked.whose.release),
        now(),
        seeded(_SEED),
    )


def _recalibrated(logs: Sequence[str], asked: Asked, inputs: Inputs) -> Result:
    from hitl.cli.log_options import opened_log
    from hitl.cli.policy_log import watch_batches
    from hitl.recalibrate.proposal import certificate_file, concluded
    from hitl.recalibrate.reading import read_scores

    policy, reading = inputs.current.policy, asked.reading
    mapping = reading.mapping or policy.log_columns
    with opened_log(logs, inputs.at, mapping, reading.memory_mb, reading.engine) as log:
        scores = read_scores(
            log, policy, asked.promise.errors_by, watch_batches, sets_aside=reading.sets_aside
        )
        document = _fitted(scores, asked, inputs)
        document, proposal = _proposed(document, asked, inputs)
        replay = (
            _replay(log, proposal, sets_aside=reading.sets_aside) if proposal.loosened else None
        )
    document = concluded(document, proposal, replay)
    calibrator, reason = _calibrator(scores, document, asked, inputs)
    data = _data(scores, document.model, policy)
    certificates = certificate_file(document, inputs.certificates, data)
    return Result(document, proposal, certificates, replay, calibrator, reason)


def _fitted(scores: "Scores", asked: Asked, inputs: Inputs) -> "Recalibration":
    """Return what the scores show and prove."""
    from hitl.cli.recalibrate_for import models_of
    from hitl.digest import digest_bytes
    from hitl.recalibrate.calibration.measure import calibration_notes, calibrations
    from hitl.recalibrate.proposal import mixed_note
    from hitl.recalibrate.recalibration import Subject, recalibrate
    from hitl.recalibrate.simulate import simulations

    models = models_of(scores, inputs.facts, asked.whose.model, asked.whose.previous)
    subject = Subject(
        models.model,
        models.previous,
        inputs.facts.release_id,
        digest_bytes(inputs.current.content),
        inputs.facts.modes,
    )
    policy = inputs.current.policy
    ask = _ask(asked, inputs, _data(scores, models.model, policy))
    document = recalibrate(scores, policy, ask, subject)
    calibration = calibrations(scores, models.model, inputs.chance("calibration"))
    mixed = mixed_note(inputs.certificates, policy.lane_rules.name, ask)
    notes = (models.note, mixed, *calibration_notes(scores, models.model))
    simulated: tuple[Simulation, ...] = ()
    if asked.simulate:
        simulated = simulations(scores, policy, ask, models.model, inputs.chance("simulation"))
    return document.model_copy(
        update={
            "calibration": calibration,
            "simulations": simulated,
            "notes": (*document.notes, *filter(None, notes)),
        }
    )


def _ask(asked: Asked, inputs: Inputs, data: "frozenset[str]") -> "Ask":
    """Return the promise with its round: the same data keeps the round that it had."""
    from hitl.recalibrate.proposal import round_of
    from hitl.recalibrate.terms import Ask

    promise, name = asked.promise, inputs.current.policy.lane_rules.name
    return Ask(
        at=inputs.at,
        target=promise.target,
        delta=promise.delta,
        is_family=promise.is_family,
        round=promise.round or round_of(inputs.certificates, name, promise.target, data),
        spends=promise.spends or promise.round is not None,
        random_labels=promise.random_labels,
        valid_days=promise.valid_days,
    )


def _data(scores: "Scores", model: str | None, policy: "Policy") -> frozenset[str]:
    """Return the digests of the counts that are tested."""
    from hitl.recalibrate.certificate import data_digest

    mine = scores.table.where(model=model)
    return frozenset(data_digest(mine.where(action_type=name)) for name in policy.action_types)


def _proposed(
    document: "Recalibration", asked: Asked, inputs: Inputs
) -> "tuple[Recalibration, Proposal]":
    from hitl.recalibrate.proposal import keeping_proved, keeping_uncertified, propose

    types, note = keeping_proved(document.types, inputs.certificates), ""
    if asked.keep_uncertified:
        types, note = keeping_uncertified(types)
    notes = (*([note] if note else []), *document.notes)
    document = document.model_copy(update={"types": types, "notes": notes})
    return document, propose(types, inputs.current, asked.policy_version)


def _replay(log: "Log", proposal: "Proposal", *, sets_aside: bool) -> bytes:
    """Return what the looser policy would have done with the log, beside the one in force."""
    from hitl.cli.policy_log import watch_batches
    from hitl.policy.replay.over_log import replay_document, replay_log

    policies = (proposal.after.policy, proposal.before.policy)
    found = replay_document(replay_log(log, policies, watch_batches, sets_aside=sets_aside))
    return found.model_dump_json(indent=1).encode() + b"\n"


def _calibrator(
    scores: "Scores", document: "Recalibration", asked: Asked, inputs: Inputs
) -> tuple[bytes | None, str]:
    if asked.calibrator is None:
        return None, ""
    from hitl.recalibrate.calibration.proposal import calibrator_bytes, calibrator_document

    found = calibrator_document(
        scores,
        document.calibration,
        document.model,
        inputs.at,
        _calibrator_version(asked.calibrator),
        inputs.current.policy.calibrator,
    )
    return (calibrator_bytes(found.calibrator) if found.calibrator else None), found.reason


def _calibrator_version(path: Path) -> str:
    """Return the version after that of the calibrator in the file's place; 1 where there is none."""
    from hitl.document.load import load_document
    from hitl.document.source import is_missing
    from hitl.policy.calibrator import Calibrator
    from hitl.recalibrate.version import next_version

    return "1" if is_missing(path) else next_version(load_document(path, Calibrator).version)
