"""From the rows of a log to whole-number counts of scores, labels and chances of a label."""

from collections import Counter
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from hitl.decisions.pace import ACTED
from hitl.decisions.rows import Batch
from hitl.decisions.source import Log
from hitl.decisions.words import HumanAction
from hitl.policy.action import ActionType, Thresholds
from hitl.policy.lanes import PERSON_FIRST
from hitl.policy.replay.fields import policy_columns, without_rules
from hitl.policy.replay.over_log import Asked, Watch, stage_for
from hitl.policy.replay.tally import thousandths
from hitl.policy.schema import Policy
from hitl.recalibrate.copies import IS_DATED, SAME, lay_down_copies, originals
from hitl.recalibrate.course_reading import courses_of
from hitl.recalibrate.scores import GRAIN, Days, Planted, Scores
from hitl.recalibrate.tallying import Tally
from hitl.recalibrate.words import ErrorsBy

_ALSO = ("resolved_model", "reviewer_id", "review_seconds")
_DAY_US = 86_400_000_000
_WEEK = 7
_UNKNOWN = -1
_NAMELESS = "-"
"""Stands for the id of every decision of a log that has no ids: no lane depends on what an id is."""
_OVERRIDDEN = (HumanAction.MODIFY, HumanAction.REJECT)

Integers = npt.NDArray[np.int64]


def read_scores(
    log: Log,
    policy: Policy,
    errors_by: ErrorsBy,
    watch: Watch = lambda batches, _: batches,
    *,
    sets_aside: bool = False,
) -> Scores:
    """Count the decisions of a log by model, type, score, chance of a label, and label; planted ones are left out.

    Args:
        log: an opened log.
        policy: says which decisions could run alone, each as of its own time.
        errors_by: what counts as an error.
        watch: sees every batch go by.
        sets_aside: leave out rules of whose fields no row has a value, instead of taking them as holding.

    Raises:
        DocumentError: the log cannot be used as it is.
    """
    staged, (asked,) = stage_for(log, (policy,), _ALSO, sets_aside=sets_aside)
    tally = Tally(
        log.place,
        ("model", "action_type"),
        {"eligible": 1, "score": GRAIN, "probability": 1000, "label": 1, "person": 1, "half": 1},
        ("n", "n_review_ms", "sum_review_ms"),
    )
    bare = opened_policy(_without_lacking(asked))
    n_copies, begin = lay_down_copies(log, errors_by), 0
    for batch in watch(staged.batches(), staged.n):
        size = len(batch["at_us"])
        keep = originals(log, begin, size) if n_copies else np.ones(size, dtype=np.bool_)
        halves = _halves(log, begin, size)[keep]
        kept = {name: values[keep] for name, values in batch.items()}
        _count(tally, kept, bare, policy, errors_by, halves)
        begin += size
    days = _days(log)
    return Scores(
        table=tally.table(),
        raters=_raters(log),
        errors_by=errors_by,
        sources=tuple(name for part in log.parts for name in part.names),
        first_day=min((one.first for one in days.values()), default=None),
        last_day=max((one.last for one in days.values()), default=None),
        n_quiet_days=_quiet(log),
        lacking=tuple(rule.name for rule in asked.lacking),
        days=days,
        reviews=_reviews(log),
        planted=_planted(log),
        n_copies=n_copies,
        courses=courses_of(log, errors_by),
    )


def opened_policy(policy: Policy) -> Policy:
    """Return a policy whose calibrator is left out, and whose types let everything at full confidence run.

    So that it says what runs at a confidence of 1, whatever a calibrator would make of a 1, and where `auto` is
    `never` too: what was closed for want of proof can be opened by proof.
    """
    types = {name: _opened(action) for name, action in policy.action_types.items()}
    return policy.model_copy(update={"action_types": types, "calibrator": None})


def _opened(action: ActionType) -> ActionType:
    # Audited in full, because drawing decisions takes long, and no lane depends on the draw.
    changes: dict[str, object] = {"audit_rate": 1.0}
    if action.thresholds is not None and action.thresholds.auto == "never":
        changes["thresholds"] = Thresholds(auto=1.0, review=action.thresholds.review)
    return action.model_copy(update=changes)


def ten_thousandths(confidence: npt.NDArray[np.float64]) -> Integers:
    """Return for each confidence the largest s with s / 10000 <= confidence in floats; -1 where there is none.

    >>> ten_thousandths(np.array([0.29, 0.57, 0.9999999, 1.0, np.nan])).tolist()
    [2900, 5700, 9999, 10000, -1]
    """
    known = np.nan_to_num(confidence, nan=0.0)
    found = np.floor(known * GRAIN)
    # A product of floats can fall on the wrong side of a whole number; the quotient is what a threshold is.
    found -= found / GRAIN > known
    found += (found + 1) / GRAIN <= known
    return np.where(np.isnan(confidence), _UNKNOWN, found).astype(np.int64)


def _without_lacking(asked: Asked) -> Policy:
    if asked.sets_aside and asked.lacking:
        return without_rules(asked.policy, asked.lacking)
    return asked.policy


def _count(
    tally: Tally,
    batch: Batch,
    bare: Policy,
    policy: Policy,
    errors_by: ErrorsBy,
    halves: Integers,
) -> None:
    seconds = batch["review_seconds"].astype(np.float64)
    is_timed = ~np.isnan(seconds)
    tally.add(
        {"model": batch["resolved_model"], "action_type": batch["action_type"]},
        {
            "eligible": _eligible(batch, bare),
            "score": ten_thousandths(_confidence(batch, policy)),
            "probability": thousandths(batch["review_probability"]),
            "label": _labels(batch, errors_by),
            "person": (~_is(batch["human_action"], None)).astype(np.int64),
            "half": halves,
        },
        (
            np.ones(len(seconds), dtype=np.int64),
            is_timed.astype(np.int64),
            np.floor(np.where(is_timed, seconds, 0.0) * 1000 + 0.5).astype(np.int64),
        ),
    )


def _eligible(batch: Batch, bare: Policy) -> Integers:
    """Return 1 where a decision would run at full confidence."""
    columns: Mapping[str, npt.NDArray[np.object_]] = policy_columns(batch)
    asked = {**columns, "confidence": np.ones(len(batch["at_us"]), dtype=np.float64)}
    ids = batch["decision_id"]
    if _is(ids, None).all():
        asked["decision_id"] = np.full(len(ids), _NAMELESS, dtype=object)
    lanes = bare.lanes(asked).lane
    first = np.isin(lanes.astype(str), [str(lane) for lane in PERSON_FIRST])
    return (~first).astype(np.int64)


def _confidence(batch: Batch, policy: Policy) -> npt.NDArray[np.float64]:
    """Return what thresholds are compared with; NaN where the policy's calibrator is for another model."""
    stated = batch["confidence"].astype(np.float64)
    if policy.calibrator is None:
        return stated
    worth = policy.calibrator.apply(stated, batch["action_type"])
    return np.where(_is(batch["resolved_model"], policy.calibrator.model), worth, np.nan)


def _labels(batch: Batch, errors_by: ErrorsBy) -> Integers:
    """Return 1 for right, 0 for wrong, -1 where nobody knows."""
    if errors_by is ErrorsBy.CORRECT:
        right, wrong = (_is(batch["correct"], value) for value in (True, False))
    else:
        actions = batch["human_action"]
        right = _is(actions, str(HumanAction.APPROVE))
        wrong = np.any([_is(actions, str(one)) for one in _OVERRIDDEN], axis=0)
    return np.where(right, 1, np.where(wrong, 0, _UNKNOWN)).astype(np.int64)


def _is(values: npt.NDArray[np.object_], wanted: object) -> npt.NDArray[np.bool_]:
    """Return where a column of objects holds one value; None is none."""
    same: npt.NDArray[np.bool_] = np.equal(values, wanted).astype(np.bool_)  # type: ignore[call-overload]  # any object compares
    return same


def _halves(log: Log, begin: int, size: int) -> Integers:
    """Return 0 or 1 by a hash of the decision id, so that a decision falls on the same side whatever is around it."""
    sql = f"""SELECT CAST(md5_number_lower(COALESCE(decision_id, CAST(rowid AS VARCHAR))) % 2 AS INTEGER) AS half
        FROM staged WHERE rowid >= {begin} AND rowid < {begin + size} ORDER BY rowid"""  # noqa: S608  # numbers
    return np.asarray(log.home.columns(sql)["half"], dtype=np.int64)


def _raters(log: Log) -> "Counter[tuple[str | None, str | None, str]]":
    sql = f"""SELECT resolved_model, reviewer_pool, reviewer_id, COUNT(*) FROM staged
        WHERE {ACTED} AND reviewer_id IS NOT NULL GROUP BY ALL"""  # noqa: S608  # constants
    return Counter({(model, pool, person): n for model, pool, person, n in log.home.rows(sql)})


def _reviews(log: Log) -> "Counter[tuple[str | None, str | None, bool, bool]]":
    sql = """SELECT resolved_model, action_type, human_action <> 'approve', correct IS NOT NULL, COUNT(*) FROM staged
        WHERE human_action IN ('approve', 'modify', 'reject') GROUP BY ALL"""
    return Counter({tuple(key): n for *key, n in log.home.rows(sql)})


def _planted(log: Log) -> Planted:
    # A decision that stands there several times was caught if all of its rows say so.
    caught, same = "CASE WHEN human_action <> 'approve' THEN 1 ELSE 0 END", ", ".join(SAME)
    sql = f"""SELECT COUNT(*), COALESCE(SUM(caught), 0) FROM (
          SELECT MIN({caught}) AS caught FROM decisions WHERE seeded_error AND {ACTED} AND {IS_DATED} GROUP BY {same}
          UNION ALL
          SELECT {caught} AS caught FROM decisions WHERE seeded_error AND {ACTED} AND NOT COALESCE({IS_DATED}, FALSE)) AS planted"""  # noqa: S608  # constants
    ((n, caught),) = log.rows(sql)
    return Planted(int(n), int(caught))


def _days(log: Log) -> dict[str | None, Days]:
    """Return first and last day of each model, and how many days lie in long stretches without a decision."""
    sql = f"""SELECT resolved_model, MIN(day), MAX(day), COALESCE(SUM(CASE WHEN gap > {_WEEK} THEN gap END), 0) FROM (
          SELECT resolved_model, day, LEAD(day) OVER (PARTITION BY resolved_model ORDER BY day) - day - 1 AS gap FROM (
            SELECT DISTINCT resolved_model, at_us // {_DAY_US} AS day FROM staged WHERE at_us IS NOT NULL))
        GROUP BY resolved_model"""  # noqa: S608  # numbers
    return {model: Days(*map(int, of)) for model, *of in log.home.rows(sql)}


def _quiet(log: Log) -> int:
    sql = f"""SELECT COALESCE(SUM(gap), 0) FROM (
          SELECT LEAD(day) OVER (ORDER BY day) - day - 1 AS gap FROM (
            SELECT DISTINCT at_us // {_DAY_US} AS day FROM staged WHERE at_us IS NOT NULL))
        WHERE gap > {_WEEK}"""  # noqa: S608  # numbers
    return int(log.home.rows(sql)[0][0])
