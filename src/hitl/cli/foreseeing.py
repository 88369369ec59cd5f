"""The forecast of a release: what it is made of is read before anything is asked, the rest when replies are graded."""

import glob
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from hitl.cli.log_options import opened_log
from hitl.errors import DocumentError, Mistake

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    from hitl.cli.sources import Sources
    from hitl.policy.schema import Policy
    from hitl.recalibrate.decision_reader import DecisionReader
    from hitl.recalibrate.forecast.parts import Forecast
    from hitl.recalibrate.forecast.traffic import Traffic
    from hitl.recalibrate.parts import Recalibration
    from hitl.record.forecast import Foresight, NamedRecalibration
    from hitl.record.parts import EvidencePart
    from hitl.run.inputs import ReleaseInputs
    from hitl.score.release import ScoredRelease

_NO_POLICY = "the release names no policy, and without one nobody knows where decisions would go"
_NO_PROPOSAL = "the release names no recalibration; run `hitl recalibrate` and name its recalibration.json under `recalibration`"


@dataclass(frozen=True)
class Foreseeing:
    """What a forecast is made of beside the replies."""

    inputs: "ReleaseInputs"
    at: datetime
    reader: "DecisionReader"
    traffic: "Traffic | None"
    """None where the release names no policy."""
    recalibration: "Recalibration | None"


def read_foreseeing(inputs: "ReleaseInputs", at: datetime) -> Foreseeing | None:
    """Read baseline and recalibration of a release; None where it names no baseline, and then nothing is loaded.

    Raises:
        DocumentError: every path, file, table and column that cannot be used.
    """
    manifest = inputs.manifest
    if manifest.baseline is None:
        return None
    from hitl.recalibrate.decision_reader import DecisionReader, path_mistakes

    mistakes = list(path_mistakes(manifest.decision_fields, str(inputs.path)))
    traffic = recalibration = None
    try:
        traffic = _traffic(inputs, at)
    except DocumentError as error:
        mistakes.extend(error.mistakes)
    try:
        recalibration = recalibration_of(inputs)
    except DocumentError as error:
        mistakes.extend(error.mistakes)
    if mistakes:
        raise DocumentError(mistakes)
    return Foreseeing(inputs, at, DecisionReader(manifest.decision_fields), traffic, recalibration)


def foresee(
    found: Foreseeing,
    sources: "Sources",
    scored: "ScoredRelease",
    chance: "Callable[[str], np.random.Generator]",
) -> "Foresight":
    """Return what reviewers would face, with the files that it stands on."""
    from hitl.record.forecast import Foresight

    named = _named(found, scored)
    forecast = _forecast(found, sources, scored, chance("forecast"))
    evidence = _evidence(found, forecast, named)
    # A record must not depend on the folder that it was made from.
    names = tuple(_from_manifest(found, name) for name in forecast.sources)
    return Foresight(forecast.model_copy(update={"sources": names}), named, evidence)


def baseline_words(inputs: "ReleaseInputs") -> tuple[str, ...]:
    """Return the files, patterns and tables of a baseline, as they are from here."""
    source = inputs.manifest.baseline
    if source is None:
        return ()
    words = (source.decisions,) if isinstance(source.decisions, str) else source.decisions
    return tuple(
        word
        if "://" in word
        else str(Path(glob.escape(str(inputs.folder))) / word)
        if glob.has_magic(word)
        else str(inputs.folder / word)
        for word in words
    )


def _traffic(inputs: "ReleaseInputs", at: datetime) -> "Traffic | None":
    manifest, policy = inputs.manifest, inputs.policy
    mapping = policy.log_columns if policy else None
    with opened_log(baseline_words(inputs), at, mapping) as log:
        if policy is None:
            return None
        from hitl.recalibrate.forecast.reading import read_traffic

        model = manifest.baseline.model if manifest.baseline else None
        return read_traffic(
            log,
            policy,
            model or manifest.previous_model.id,
            hourly_cost_usd=manifest.hourly_cost_usd,
        )


def recalibration_of(inputs: "ReleaseInputs") -> "Recalibration | None":
    """Read the recalibration that a release names; None where it names none.

    Raises:
        DocumentError: it is none.
    """
    if inputs.manifest.recalibration is None:
        return None
    from hitl.document.load import load_document
    from hitl.recalibrate.parts import Recalibration

    return load_document(inputs.folder / inputs.manifest.recalibration, Recalibration)


def _proposed(found: Foreseeing, scored: "ScoredRelease") -> "Policy | str":
    """Return the policy with the proposed thresholds, or why there is none."""
    from hitl.digest import digest_file
    from hitl.recalibrate.standing import Wanted, recalibrated_policy

    inputs = found.inputs
    if inputs.policy is None or inputs.policy_path is None:
        return _NO_POLICY
    if found.recalibration is None:
        return _NO_PROPOSAL
    # Who answered counts; what the manifest calls the model only where no reply says.
    models = frozenset(scored.candidate.resolved) or {inputs.manifest.candidate_model.id}
    wanted = Wanted(inputs.policy, digest_file(inputs.policy_path), frozenset(models), found.at)
    return recalibrated_policy(found.recalibration, wanted)


def _forecast(
    found: Foreseeing,
    sources: "Sources",
    scored: "ScoredRelease",
    generator: "np.random.Generator",
) -> "Forecast":
    from hitl.manifest.forecast import Setting
    from hitl.recalibrate.decision_reader import routed_arms, routed_replies
    from hitl.recalibrate.forecast.forecasting import forecast_release, unforetold
    from hitl.run.arm import Arm

    policy, confidence = found.inputs.policy, 2 * found.inputs.manifest.confidence - 1
    if found.traffic is None or policy is None:
        return unforetold(_NO_POLICY, confidence)
    before, after = (
        routed_replies(found.reader, scored.suite, sources.replies(arm), scores)
        for arm, scores in ((Arm.PREVIOUS, scored.previous), (Arm.CANDIDATE, scored.candidate))
    )
    owed = (scored.previous.most_repeats, scored.candidate.most_repeats)
    arms = routed_arms(scored.suite, before, after, owed)
    policies = {Setting.AS_IT_IS: policy, Setting.RECALIBRATED: _proposed(found, scored)}
    return forecast_release(found.traffic, arms, policies, found.at, generator, confidence)


def _named(found: Foreseeing, scored: "ScoredRelease") -> "NamedRecalibration | None":
    from hitl.digest import digest_file
    from hitl.record.forecast import NamedRecalibration

    path = found.inputs.manifest.recalibration
    if path is None or found.recalibration is None:
        return None
    proposed = _proposed(found, scored)
    unused = proposed if isinstance(proposed, str) else ""
    sha256 = digest_file(found.inputs.folder / path)
    return NamedRecalibration(path, sha256, found.recalibration, unused)


def _evidence(
    found: Foreseeing, forecast: "Forecast", named: "NamedRecalibration | None"
) -> "tuple[EvidencePart, ...]":
    from hitl.digest import digest_file
    from hitl.record.assemble import relative
    from hitl.record.parts import EvidencePart

    # Certificates say what the thresholds in force stand on; none need be there.
    policy = found.inputs.policy_path
    beside = policy.with_name(f"{policy.stem}.certificates.json") if policy else None

    def part(role: str, path: Path) -> EvidencePart:
        shown, size = relative(path, found.inputs.folder), path.stat().st_size
        return EvidencePart(role=role, path=shown, sha256=digest_file(path), bytes=size)

    parts = []
    for name in forecast.sources:
        if "://" not in name and Path(name).is_file():
            parts.append(part("baseline", Path(name)))
        else:
            digest = forecast.sources_digest
            shown = _from_manifest(found, name)
            parts.append(EvidencePart(role="baseline", path=shown, sha256=digest, bytes=0))
    if named is not None:
        parts.append(part("recalibration", found.inputs.folder / named.path))
    if beside is not None and beside.is_file():
        parts.append(part("certificates", beside))
    return tuple(parts)


def _from_manifest(found: Foreseeing, name: str) -> str:
    """Return a file or table of the log as the manifest would call it; an address as it is."""
    from hitl.record.assemble import relative

    if "://" in name:
        return name
    file, colons, table = name.partition("::")
    return f"{relative(Path(file), found.inputs.folder)}{colons}{table}"


def unfound(inputs: "ReleaseInputs") -> tuple[Mistake, ...]:
    """Return what of a forecast's files and paths cannot be found or used, without opening a log."""
    from hitl.decisions.place import find_places
    from hitl.recalibrate.decision_reader import path_mistakes

    found = list(path_mistakes(inputs.manifest.decision_fields, str(inputs.path)))
    try:
        find_places(baseline_words(inputs))
    except DocumentError as error:
        found.extend(error.mistakes)
    return tuple(found)
