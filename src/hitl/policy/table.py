"""Lanes of a whole table of decisions, exactly as one by one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from hitl.policy.decision import as_identity, as_moment, as_stated, read_confidence, read_decision
from hitl.policy.facts import FAILURE_WORDS, NONSENSE, RISK_WORDS, Facts, stated
from hitl.policy.lanes import ZONES
from hitl.policy.route import Route
from hitl.policy.router import Router
from hitl.policy.signal import Signal, Trigger

Column = Sequence[object] | npt.NDArray[Any]
"""Values of one field, one for each decision; times as numpy's `datetime64` are in UTC."""
Codes = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EARLIEST = datetime.min.replace(tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LARGEST_KEY = 1 << 62
_UNKNOWN_TIME = np.iinfo(np.int64).min


@dataclass(frozen=True, slots=True)
class LaneTable:
    """The answers for a table, row by row; what each field means stands with `LaneDecision`."""

    lane: npt.NDArray[np.object_]
    reasons: npt.NDArray[np.object_]
    risk: npt.NDArray[np.object_]
    zone: npt.NDArray[np.object_]
    tier: npt.NDArray[np.int64]
    pool: npt.NDArray[np.object_]
    sla_minutes: npt.NDArray[np.float64]
    """NaN where there is none."""
    audit_rate: npt.NDArray[np.float64]
    is_audited: npt.NDArray[np.bool_]
    indicators: npt.NDArray[np.object_]


def assign_lanes(
    router: Router, columns: Mapping[str, Column], at: datetime | None = None
) -> LaneTable:
    """Return the lanes of a table, given as columns by name; a column that is missing is not known in any row.

    Raises:
        ValueError: columns of different lengths.
    """
    sizes = {name: len(column) for name, column in columns.items()}
    if len(set(sizes.values())) > 1:
        raise ValueError(f"columns of different lengths: {sizes}")
    size = next(iter(sizes.values()), 0)
    facts, place = _facts(router, columns, size, at)
    routes = [router.route(one) for one in facts]
    rates = np.array([route.rate for route in routes], dtype=np.float64)[place]
    return _gathered(routes, place, _drawn(router, columns, rates))


def _facts(
    router: Router, columns: Mapping[str, Column], size: int, at: datetime | None
) -> tuple[list[Facts], Codes]:
    """Return the different facts, and which of them each row has."""
    if router.has_rules:
        rows = zip(*(_listed(column) for column in columns.values()), strict=True)
        found: dict[Facts, int] = {}
        places = [
            found.setdefault(
                router.facts(read_decision(dict(zip(columns, row, strict=True))), at), len(found)
            )
            for row in rows
        ]
        return list(found), np.array(places, dtype=np.int64)
    return _Codes(router, columns, size, at).facts()


class _Codes:
    """Each fact of each row as a small whole number."""

    def __init__(
        self, router: Router, columns: Mapping[str, Column], size: int, at: datetime | None
    ) -> None:
        self._router = router
        self._columns = columns
        self._size = size
        self._kinds = [*router.rules.action_types, None]
        moments = self._moments("at", at)
        self._moment = _bucket(moments, [_microseconds(one) for one in router.moments])
        ages = self._ages(moments)
        self._age = _bucket(ages, [one // _MICROSECOND for one in router.ages])

    def facts(self) -> tuple[list[Facts], Codes]:
        """Return the different facts, and which of them each row has."""
        kind = self._kind()
        zone, is_known, is_calibrated = self._zones(kind)
        has_id = self._coded("decision_id", lambda value: as_identity(value) is not None, (False, True))  # fmt: skip
        risk = self._coded("risk", lambda value: stated(as_stated(value), RISK_WORDS), _RISK_CODES)
        failure = self._coded("failure", lambda value: stated(as_stated(value), FAILURE_WORDS), _FAILURE_CODES)  # fmt: skip
        odd = [self._odd(one) for one in self._router.indicators]
        codes = np.column_stack(
            [
                kind,
                zone,
                is_known,
                is_calibrated,
                has_id,
                risk,
                failure,
                self._moment,
                self._age,
                *odd,
            ]
        )
        _, first, place = np.unique(_joined(codes), return_index=True, return_inverse=True)
        return [self._fact(codes[row].tolist()) for row in first], place.astype(np.int64)

    def _fact(self, codes: list[int]) -> Facts:
        kind, zone, is_known, is_calibrated, has_id, risk, failure, at_moment, at_age, *odd = codes
        moment = None if at_moment == 0 else (_EARLIEST, *self._router.moments)[at_moment - 1]
        age = None if at_age == 0 else (timedelta(0), *self._router.ages)[at_age - 1]
        indicators = tuple(
            Signal(place, has_failed=False)
            for place, (one, is_odd) in enumerate(zip(self._router.indicators, odd, strict=True))
            if not one.is_over(moment, age) and (is_odd or one.is_young(age))
        )
        return Facts(
            self._kinds[kind],
            (None, *ZONES)[zone],
            bool(is_known),
            bool(has_id),
            _RISK_CODES[risk],
            _FAILURE_CODES[failure],
            self._router.rules.audit.maturity(age),
            (),
            indicators,
            bool(is_calibrated),
        )

    def _odd(self, trigger: Trigger) -> Codes:
        """Return 1 where the one field of an indicator is not usual; 0 for one that looks at times alone."""
        if trigger.field is None:
            return np.zeros(self._size, dtype=np.int64)
        return self._coded(trigger.field, trigger.is_odd, (False, True))

    def _values(self, name: str) -> Sequence[object]:
        column = self._columns.get(name)
        return [None] * self._size if column is None else _listed(column)

    def _coded(self, name: str, read: Callable[[object], object], words: Sequence[object]) -> Codes:
        codes = {word: code for code, word in enumerate(words)}
        if name not in self._columns:
            return np.full(self._size, codes[read(None)], dtype=np.int64)
        return np.array([codes[read(value)] for value in self._values(name)], dtype=np.int64)

    def _kind(self) -> Codes:
        return self._coded("action_type", self._router.known, self._kinds)

    def _zones(self, kind: Codes) -> tuple[Codes, Flags, Flags]:
        """Return 0 where there is no zone, else its place in `ZONES` plus 1; whether the confidence is known, and usable."""
        stated = self._confidence()
        confidence = self._worth(stated, kind)
        limits = [self._router.limits(name) for name in self._kinds]
        auto, review = np.array(limits, dtype=np.float64).T[:, kind]
        is_known, is_usable = ~np.isnan(stated), ~np.isnan(confidence)
        zone = np.where(confidence >= auto, 1, np.where(confidence >= review, 2, 3))
        return np.where(is_usable & ~np.isnan(auto), zone, 0), is_known, is_usable | ~is_known

    def _worth(self, stated: npt.NDArray[np.float64], kind: Codes) -> npt.NDArray[np.float64]:
        """Return what confidences are worth; NaN where that is not known."""
        calibrator = self._router.rules.calibrator
        if calibrator is None:
            return stated
        is_for = self._router.is_calibrated_for
        usable = np.array([is_for(model) for model in self._values("resolved_model")], dtype=bool)
        found = np.full(self._size, np.nan)
        for code, name in enumerate(self._kinds):
            if (one := calibrator.map_for(name)) is not None:
                rows = usable & (kind == code)
                found[rows] = one.apply(stated[rows])
        return found

    def _confidence(self) -> npt.NDArray[np.float64]:
        column = self._columns.get("confidence")
        if isinstance(column, np.ndarray) and column.dtype.kind == "f":
            found = column.astype(np.float64)
            return np.where((found >= 0) & (found <= 1), found, np.nan)
        read = map(read_confidence, self._values("confidence"))
        return np.array([np.nan if value is None else value for value in read], dtype=np.float64)

    def _moments(self, name: str, at: datetime | None = None) -> Codes:
        """Return microseconds since 1970 in UTC."""
        if at is not None:
            return np.full(self._size, _microseconds(at), dtype=np.int64)
        column = self._columns.get(name)
        if isinstance(column, np.ndarray) and column.dtype.kind == "M":
            return column.astype("datetime64[us]").astype(np.int64)
        return np.array([_microseconds(as_moment(value)) for value in self._values(name)], dtype=np.int64)  # fmt: skip

    def _ages(self, moments: Codes) -> Codes:
        since = self._moments("model_active_since")
        is_known = (moments != _UNKNOWN_TIME) & (since != _UNKNOWN_TIME)
        return np.where(is_known, moments - np.where(is_known, since, 0), _UNKNOWN_TIME)


_RISK_CODES = (None, *sorted(RISK_WORDS), NONSENSE)
_FAILURE_CODES = (None, *sorted(FAILURE_WORDS), NONSENSE)


def _microseconds(moment: datetime | None) -> int:
    return _UNKNOWN_TIME if moment is None else (moment - _EPOCH) // _MICROSECOND


def _bucket(values: Codes, breaks: list[int]) -> Codes:
    """Return 0 where a value is not known, else 1 plus how many of the breaks it has reached."""
    reached = np.searchsorted(np.array(breaks, dtype=np.int64), values, side="right")
    return np.where(values == _UNKNOWN_TIME, 0, reached + 1)


def _joined(codes: Codes) -> Codes:
    """Return one number a row, different for different rows."""
    keys, size = np.zeros(len(codes), dtype=np.int64), 1
    for column in codes.T:
        base = int(column.max(initial=0)) + 1
        if size * base > _LARGEST_KEY:
            different, keys = np.unique(keys, return_inverse=True)
            size = len(different)
        keys, size = keys * base + column, size * base
    return keys


def _listed(column: Column) -> Sequence[object]:
    """Return values as Python has them, because rules know no other."""
    if isinstance(column, np.ndarray) and column.dtype.kind not in "mM":
        found: list[object] = column.tolist()
        return found
    if isinstance(column, np.ndarray):
        moments: list[datetime | None] = column.astype("datetime64[us]").tolist()
        return [moment if moment is None else moment.replace(tzinfo=UTC) for moment in moments]
    return list(column)


def _drawn(
    router: Router, columns: Mapping[str, Column], rates: npt.NDArray[np.float64]
) -> npt.NDArray[np.bool_]:
    drawn = rates >= 1
    (open_rows,) = np.nonzero((rates > 0) & (rates < 1))
    if len(open_rows):
        ids = _listed(columns["decision_id"])
        draws = [router.draw(as_identity(ids[row]) or "") for row in open_rows.tolist()]
        drawn[open_rows] = np.array(draws) < rates[open_rows]
    return drawn


def _gathered(routes: list[Route], place: Codes, drawn: npt.NDArray[np.bool_]) -> LaneTable:
    def objects(name: str) -> npt.NDArray[np.object_]:
        # Item by item: numpy would take tuples of one length for a second dimension.
        found = np.empty(len(routes), dtype=object)
        for number, route in enumerate(routes):
            found[number] = getattr(route.unseen, name)
        return found[place]

    def numbers(name: str) -> npt.NDArray[np.float64]:
        found = [getattr(route.unseen, name) for route in routes]
        return np.array([np.nan if one is None else one for one in found], dtype=np.float64)[place]

    return LaneTable(
        lane=objects("lane"),
        reasons=objects("reasons"),
        risk=objects("risk"),
        zone=objects("zone"),
        tier=numbers("tier").astype(np.int64),
        pool=objects("pool"),
        sla_minutes=numbers("sla_minutes"),
        audit_rate=numbers("audit_rate"),
        is_audited=drawn,
        indicators=objects("indicators"),
    )
