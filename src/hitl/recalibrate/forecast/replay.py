"""The previous model's decisions under the policy, counted batch by batch; no row is kept."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from hitl.decisions.rows import Batch
from hitl.policy.lanes import LANES, ZONES
from hitl.policy.replay.fields import policy_columns, without_rules
from hitl.policy.replay.over_log import Asked
from hitl.policy.replay.tally import NO_TIME, hours_of, is_first
from hitl.policy.replay.volume import WEEK, Span, hour_of_week
from hitl.recalibrate.forecast.routing import SETTLED
from hitl.recalibrate.forecast.traffic import N_LANES, N_ZONES, Kind, Pool
from hitl.stats.counts import Numbers

_DAY = 24
_MICRO = 1_000_000
_SINCE = "model_active_since"
_NAMELESS = "-"
Codes = npt.NDArray[np.int64]
Line = tuple[int, int, int, int, int, int, int]
"""Hour since 1970, type, zone, lane, pool, decisions, and millionths of decisions that a person would look at."""


@dataclass(frozen=True)
class TrafficCounts:
    """Whole-number counts of the model's decisions, one line a combination."""

    kinds: tuple[Kind, ...]
    pools: tuple[Pool, ...]
    lines: tuple[Line, ...]
    same_lane: float | None
    """Share of the logged lanes that are those of the policy; None where none is logged."""

    @property
    def n(self) -> int:
        """Decisions."""
        return sum(line[5] for line in self.lines)

    @property
    def daily(self) -> Numbers:
        """Days by types by zones."""
        days, columns = self._columns()
        found = np.zeros((days.max(initial=0) + 1, len(self.kinds), N_ZONES))
        np.add.at(found, (days, columns[1], columns[2]), columns[5])
        return found

    @property
    def routed(self) -> Numbers:
        """Days by types by lanes and pools."""
        days, columns = self._columns()
        found = np.zeros((days.max(initial=0) + 1, len(self.kinds), N_LANES + len(self.pools)))
        np.add.at(found, (days, columns[1], columns[3]), columns[5])
        np.add.at(found, (days, columns[1], N_LANES + columns[4]), columns[6] / _MICRO)
        return found

    @property
    def hourly(self) -> Numbers:
        """Types by hours of the week; decisions without a time count as the others of their type."""
        found, known = np.zeros((len(self.kinds), WEEK)), np.zeros(len(self.kinds))
        for hour, kind, _, _, _, n, _ in self.lines:
            known[kind] += n
            if hour != NO_TIME:
                found[kind, hour_of_week(hour)] += n
        timed = found.sum(axis=1)
        factor = np.divide(known, timed, out=np.zeros_like(known), where=timed > 0)
        hourly: Numbers = found * factor[:, None]
        return hourly

    @property
    def timed(self) -> float:
        """Share of the decisions of which the log says when they were made."""
        known = sum(line[5] for line in self.lines if line[0] != NO_TIME)
        return known / self.n if self.n else 0.0

    @property
    def span(self) -> Span | None:
        """First and last hour of the model's decisions; stretches of more than a week without any are not covered."""
        hours = sorted({line[0] for line in self.lines} - {NO_TIME})
        if not hours:
            return None
        quiet = [Span(one + 1, after - 1) for one, after in pairwise(hours) if after - one - 1 > WEEK]  # fmt: skip
        return Span(hours[0], hours[-1], tuple(quiet))

    @property
    def weekdays(self) -> Codes:
        """Day of the week of each day, 0 is Monday; empty where a decision has no time."""
        days = sorted({line[0] // _DAY for line in self.lines} if self.timed == 1.0 else ())
        return np.array([hour_of_week(day * _DAY) // _DAY for day in days], dtype=np.int64)

    def _columns(self) -> tuple[Codes, Codes]:
        columns = np.array(self.lines, dtype=np.int64).reshape(-1, 7).T
        days = np.where(columns[0] == NO_TIME, NO_TIME, columns[0] // _DAY)
        return np.unique(days, return_inverse=True)[1].reshape(-1), columns


class _Places:
    """Gives each word a number."""

    def __init__(self) -> None:
        self._places: dict[str | None, int] = {}

    def of(self, words: npt.NDArray[np.object_]) -> Codes:
        places = self._places
        return np.array([places.setdefault(word, len(places)) for word in words.tolist()], np.int64)

    def sorted(self) -> tuple[tuple[str | None, ...], list[int]]:
        """Return the words in their order, and the place of each number there: rows come in any order from a server."""
        words = sorted(self._places, key=lambda word: (word is None, word or ""))
        place = {word: number for number, word in enumerate(words)}
        return tuple(words), [place[word] for word in self._places]


def count_traffic(batches: Iterable[Batch], asked: Asked, model: str | None) -> TrafficCounts:
    """Ask the policy about every decision of a model, each as of its own time.

    The model is taken to be long at work where the log does not say since when, and a decision to have an id where the
    log has none.
    """
    policy = without_rules(asked.policy, asked.lacking) if asked.lacking else asked.policy
    kinds, pools = _Places(), _Places()
    found: dict[tuple[int, ...], list[int]] = defaultdict(lambda: [0, 0])
    same = laned = 0
    for whole in batches:
        batch = whole if model is None else _of_model(whole, model)
        if not len(batch["at_us"]):
            continue
        table = policy.lanes(_columns(batch))
        logged = _known(batch["lane"])
        laned += int(logged.sum())
        same += int(np.equal(batch["lane"], table.lane)[logged].sum())
        seen = np.where(is_first(table.lane), 1.0, table.audit_rate)
        codes = np.stack(
            [
                hours_of(batch["at_us"]),
                kinds.of(batch["action_type"]),
                _coded(table.zone, ZONES),
                _coded(table.lane, LANES),
                pools.of(table.pool),
                np.rint(seen * _MICRO).astype(np.int64),
            ],
            axis=1,
        )
        _add(found, codes)
    (kind_words, kind_at), (pool_words, pool_at) = kinds.sorted(), pools.sorted()
    lines = tuple(
        sorted(
            (hour, kind_at[kind], zone, lane, pool_at[pool], n, seen)
            for (hour, kind, zone, lane, pool), (n, seen) in found.items()
        )
    )
    return TrafficCounts(kind_words, pool_words, lines, same / laned if laned else None)


def _add(found: dict[tuple[int, ...], list[int]], codes: Codes) -> None:
    lines, counts = np.unique(codes, axis=0, return_counts=True)
    for (*key, seen), n in zip(lines.tolist(), counts.tolist(), strict=True):
        line = found[tuple(key)]
        line[0] += n
        line[1] += n * seen


def _of_model(batch: Batch, model: str) -> Batch:
    own = np.equal(batch["resolved_model"], model)
    return {name: values[own] for name, values in batch.items()}


def _columns(batch: Batch) -> dict[str, npt.NDArray[np.object_]]:
    columns = dict(policy_columns(batch))
    size = len(batch["at_us"])
    if not _known(batch["decision_id"]).any():
        columns["decision_id"] = np.full(size, _NAMELESS, dtype=object)
    since = columns.get(_SINCE)
    settled = np.full(size, SETTLED, dtype=object)
    columns[_SINCE] = settled if since is None else np.where(_known(since), since, settled)
    return columns


def _known(values: npt.NDArray[np.object_]) -> npt.NDArray[np.bool_]:
    return np.array([value is not None for value in values.tolist()], dtype=bool)


def _coded(words: npt.NDArray[np.object_], known: tuple[object, ...]) -> Codes:
    places = {word: place for place, word in enumerate(known)}
    return np.array([places[word] for word in words.tolist()], dtype=np.int64)
