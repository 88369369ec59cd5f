"""The calibrator that a calibration recommends, ready to stand beside a policy."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from hitl.decisions.counts import Table
from hitl.policy.calibrator import Calibrator, FittedOn, ScoreMapping
from hitl.recalibrate.calibration.labels import FITTED, JUDGED, Labelled, labelled
from hitl.recalibrate.calibration.repairs import brier, is_within
from hitl.recalibrate.parts import ScoreCalibration
from hitl.recalibrate.scores import Scores
from hitl.stats.calibrator import FITS
from hitl.stats.score_map import Method


@dataclass(frozen=True, slots=True)
class ProposedCalibrator:
    """A calibrator, or why there is none."""

    calibrator: Calibrator | None
    reason: str = ""


def calibrator_document(
    scores: Scores,
    found: Sequence[ScoreCalibration],
    model: str | None,
    at: datetime,
    version: str = "1",
    inner: Calibrator | None = None,
) -> ProposedCalibrator:
    """Return the calibrator that calibrations recommend.

    Recommended methods were judged on decisions that they had not seen; what is written is fitted once more, on all
    labels. An action type with a recommendation of its own has its own map. Any other type goes through the map of all
    types together, unless its confidence as it is was nearer to the truth than that map, by Brier score on the half
    that the map had not seen.

    Args:
        scores: the counts that `found` was made of.
        found: what `calibrations` returned.
        model: identity of the model that it is for.
        at: when, with its zone.
        version: of the new calibrator.
        inner: the calibrator of the policy under which `scores` were read, if it has one.
    """
    if inner is not None:
        return ProposedCalibrator(None, f"the policy names calibrator {inner.version} of {inner.model}; take `calibrator` out of it, so that one can be fitted on confidence as it is")  # fmt: skip
    if model is None:
        return ProposedCalibrator(None, "the log names no model, and a calibrator is for one model; write `resolved_model` into the log")  # fmt: skip
    whole, *kinds = found
    if whole.recommended is None and all(one.recommended is None for one in kinds):
        return ProposedCalibrator(None, whole.reason)
    table = scores.table.where(model=model)
    every = _every(whole, table, at)
    types: dict[str, ScoreMapping] = {}
    for one in kinds:
        own = _own(one, whole, table.where(action_type=one.action_type), table, at)
        if one.action_type is not None and own is not None:
            types[one.action_type] = own
    if every is None and not types:
        return ProposedCalibrator(None, "no recommended repair could be fitted on all labels")
    made = Calibrator(format="hitl/calibrator/v1", version=version, model=model, all=every, types=types)  # fmt: skip
    return ProposedCalibrator(made)


def calibrator_bytes(calibrator: Calibrator) -> bytes:
    """Return a calibrator as the content of its file."""
    return calibrator.model_dump_json(indent=2).encode() + b"\n"


def _every(whole: ScoreCalibration, table: Table, at: datetime) -> ScoreMapping | None:
    """Return the map for types without one of their own; None where nothing is known to fit them."""
    rows = labelled(table)
    if whole.recommended is not None:
        return _mapping(Method(whole.recommended), rows, at)
    return _mapping(Method.NONE, rows, at) if whole.fits and is_within(whole.fits[0]) else None


def _own(
    one: ScoreCalibration, whole: ScoreCalibration, part: Table, table: Table, at: datetime
) -> ScoreMapping | None:
    """Return a type's own map; None where that of all types does."""
    if one.recommended is not None:
        return _mapping(Method(one.recommended), labelled(part), at)
    judged = labelled(part, JUDGED)
    if whole.recommended is None or not judged.total or one.is_constant or one.is_uninformative:
        return None
    fitted = labelled(table, FITTED)
    pooled = FITS[Method(whole.recommended)](fitted.n, fitted.k, fitted.score)
    if brier(judged.score, judged) < brier(pooled.apply(judged.score), judged):
        return _mapping(Method.NONE, labelled(part), at)
    return None


def _mapping(method: Method, rows: Labelled, at: datetime) -> ScoreMapping | None:
    fitted_on = FittedOn(n=rows.total, data_digest=rows.digest, at=at.isoformat())
    if method is Method.NONE:
        return ScoreMapping(method=method, fitted_on=fitted_on)
    fit = FITS[method](rows.n, rows.k, rows.score)
    if fit.parameters is None:
        return None
    return ScoreMapping(method=method, parameters=dict(fit.parameters), fitted_on=fitted_on)
