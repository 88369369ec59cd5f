"""From a decision log to the baseline's traffic."""

from collections.abc import Iterator

import numpy as np

from hitl.decisions.counts import Table
from hitl.decisions.measures.cutting import Tables, cut
from hitl.decisions.measures.escape import error_of_alone
from hitl.decisions.measures.group import ACTED, OVERRIDDEN, GroupCounts
from hitl.decisions.measures.log_part import days_of
from hitl.decisions.measures.people import by_person
from hitl.decisions.measures.rules import BaselineRules, Key
from hitl.decisions.pace import review_paces
from hitl.decisions.reduce import reduce_log
from hitl.decisions.shown import listed
from hitl.decisions.source import Log
from hitl.digest import digest
from hitl.policy.replay.over_log import Asked, Watch, stage_for
from hitl.policy.replay.volume import WEEK
from hitl.policy.schema import Policy
from hitl.recalibrate.forecast.observed import observed_rates
from hitl.recalibrate.forecast.replay import TrafficCounts, count_traffic
from hitl.recalibrate.forecast.traffic import (
    N_LANES,
    N_ZONES,
    RIGHT,
    WRONG,
    Behaviour,
    Kind,
    Traffic,
)
from hitl.stats.counts import Numbers

_MICRO = 1_000_000
_LEAST_LABELS = 1.0
_LEAST_TIMED = 0.95
"""Share of decisions with a time from which the others are taken to come as those do."""


def read_traffic(
    log: Log,
    policy: Policy,
    model: str | None,
    watch: Watch = lambda batches, _: batches,
    *,
    hourly_cost_usd: float | None = None,
) -> Traffic:
    """Count what the previous model decided, where the policy sends it, and what people did with it.

    Planted rows are left out. Rules of the policy of whose fields no row has a value are set aside, and a note says so.

    Args:
        log: an opened log.
        policy: of the release.
        model: identity of the previous model; None for every row of the log.
        watch: sees every batch go by.
        hourly_cost_usd: of an hour of review.

    Raises:
        DocumentError: the log cannot be used as it is.
    """
    rules = BaselineRules(hourly_cost_usd=hourly_cost_usd, targets=policy.targets)
    staged, (asked,) = stage_for(log, (policy,), ("resolved_model",), sets_aside=True)
    counts = count_traffic(watch(staged.batches(), staged.n), asked, model)
    if not counts.n:
        return _nothing(log, model)
    span = counts.span if counts.timed >= _LEAST_TIMED else None
    times = np.array([span.times(hour) if span else 0 for hour in range(WEEK)], dtype=np.float64)
    group = _group(log, model, rules)
    behaviour = _behaviour(group, counts.kinds)
    paces = review_paces(log)
    cells = group.cells
    n_cost, cost = cells.total("n_cost_micro"), cells.total("sum_cost_micro")
    return Traffic(
        kinds=counts.kinds,
        pools=counts.pools,
        daily=counts.daily,
        routed=counts.routed,
        hourly=counts.hourly,
        times=times,
        weeks=span.hours / WEEK if span else None,
        weekdays=counts.weekdays,
        behaviour=behaviour,
        escaped=np.array([_escaped(cells, kind, rules) for kind in counts.kinds]).reshape(-1, 2),
        paces=paces,
        observed=observed_rates(group, rules.confidence),
        confidence=rules.confidence,
        same_lane=counts.same_lane,
        cost_usd=cost / n_cost / _MICRO if n_cost else None,
        hourly_cost_usd=hourly_cost_usd,
        sources=tuple(name for part in log.parts for name in part.names),
        digest=_digest(counts, behaviour, times),
        notes=tuple(_notes(asked, counts)),
    )


def _notes(asked: Asked, counts: TrafficCounts) -> Iterator[str]:
    for rule in asked.lacking:
        lacked = ", ".join(asked.lacked[rule.name])
        yield f"{rule.name} is set aside in the log's traffic: no row has {lacked}"
    if counts.timed < 1.0:
        yield f"{1 - counts.timed:.1%} of the decisions have no time" + (
            ", so nothing is said of weeks and hours"
            if counts.timed < _LEAST_TIMED
            else "; they are taken to come as the others do"
        )


def _nothing(log: Log, model: str | None) -> Traffic:
    """Return a traffic of no decision, and why."""
    nobody = np.zeros((0, 2))
    return Traffic(
        kinds=(),
        pools=(),
        daily=np.zeros((0, 0, N_ZONES)),
        routed=np.zeros((0, 0, N_LANES)),
        hourly=np.zeros((0, WEEK)),
        times=np.zeros(WEEK),
        weeks=None,
        weekdays=np.zeros(0, dtype=np.int64),
        behaviour=Behaviour(nobody, nobody, np.zeros(0), np.zeros(0)),
        escaped=nobody,
        paces={},
        sources=tuple(name for part in log.parts for name in part.names),
        problem=_absent(log, model),
    )


def _group(log: Log, model: str | None, rules: BaselineRules) -> GroupCounts:
    """Return the counts of the model's rows, as a baseline has them."""
    counts = reduce_log(log)
    span = days_of(counts.cells.where(seeded=0))
    tables = Tables.of(counts, (span or (0, 0))[1], rules)
    keys: tuple[Key, ...] = () if model is None else (Key.RESOLVED_MODEL,)
    return next(cut(tables, keys, [() if model is None else (model,)], rules))


def _behaviour(group: GroupCounts, kinds: tuple[Kind, ...]) -> Behaviour:
    acted = group.cells.where(human_action=ACTED)
    changed = acted.where(human_action=OVERRIDDEN)
    by_label = [[_by_kind(table.where(correct=label), kinds) for label in (WRONG, RIGHT)] for table in (changed, acted)]  # fmt: skip
    overridden, labelled = (np.stack(one, axis=1) for one in by_label)
    return Behaviour(
        overridden=overridden,
        labelled=labelled,
        any_overridden=_by_kind(changed, kinds),
        any_acted=_by_kind(acted, kinds),
        effect=_effect(group.people),
    )


def _by_kind(table: Table, kinds: tuple[Kind, ...]) -> Numbers:
    counted = {key: k for key, (k, _) in table.rate("action_type").items()}
    return np.array([counted.get(kind, 0) for kind in kinds], dtype=np.float64)


def _effect(people: Table | None) -> float:
    """Return the design effect of people on overrides, those of right and wrong decisions and of types apart.

    The variance of what each person overrode more than expected, over what independent decisions would show.
    """
    if people is None:
        return 1.0
    excess, expected = 0.0, 0.0
    for label in (WRONG, RIGHT):
        acted = people.where(human_action=ACTED, correct=label)
        # In the order of the table: sums of floats depend on theirs, and a set of words has none of its own.
        for kind in dict.fromkeys(line["action_type"] for line in acted.by("action_type").lines()):
            own = acted.where(action_type=kind)
            n = by_person(own, "n").astype(np.float64)
            k = by_person(own.where(human_action=OVERRIDDEN), "n").astype(np.float64)
            rate, persons = k.sum() / n.sum(), int(np.count_nonzero(n))
            if persons > 1 and 0.0 < rate < 1.0:
                excess += float(((k - n * rate) ** 2).sum()) * persons / (persons - 1)
                expected += float(n.sum() * rate * (1.0 - rate))
    return max(1.0, excess / expected) if expected else 1.0


def _escaped(cells: Table, kind: Kind, rules: BaselineRules) -> tuple[float, float]:
    """Return labels (wrong, all) that would say as much of what ran alone as those of the log; NaN where none speak."""
    found = error_of_alone(cells.where(action_type=kind), rules, rules.confidence)
    interval = found.interval
    if interval is None:
        return np.nan, np.nan
    half = (interval.high - interval.low) / 2.0 / 1.96
    middle = min(max(interval.estimate, half), 1.0 - half)
    n = max(_LEAST_LABELS, middle * (1.0 - middle) / max(half, 1e-9) ** 2) if half < 0.5 else _LEAST_LABELS  # fmt: skip
    return interval.estimate * n, n


def _digest(counts: TrafficCounts, behaviour: Behaviour, times: Numbers) -> str:
    return digest(
        {
            "kinds": list(counts.kinds),
            "pools": list(counts.pools),
            "lines": [list(line) for line in counts.lines],
            "times": times.tolist(),
            "overridden": behaviour.overridden.tolist(),
            "labelled": behaviour.labelled.tolist(),
            "acted": behaviour.any_acted.tolist(),
        }
    )


def _absent(log: Log, model: str | None) -> str:
    if model is None or "resolved_model" not in log.present:
        return "the log names no model, so nobody knows which decisions are the previous one's; write `resolved_model`" if model else "the log holds no decision"  # fmt: skip
    rows = log.rows("SELECT DISTINCT resolved_model FROM decisions WHERE resolved_model IS NOT NULL ORDER BY 1 LIMIT 20")  # fmt: skip
    return (
        f"no decision of the log is by {model}; it names: {listed([str(name) for (name,) in rows])}"
    )
