"""Maps that turn a stated score into the chance that it is right, and never change the order of two scores."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import numpy as np

from hitl.stats.counts import Numbers

CLIP = 1e-4
"""Scores are held this far from 0 and 1 before their log-odds are taken, which are infinite there."""
_DIGITS = 12
_LARGEST = 1e9
"""Beyond it a map is a step to any digit, and sums of its terms overflow."""

Parameters = Mapping[str, float | tuple[float, ...]]
"""Numbers of a map, by name."""


class Method(StrEnum):
    """Kinds of map, the simplest first."""

    NONE = "none"
    """Scores as they are; no parameter."""
    TEMPERATURE = "temperature"
    """Log-odds divided by `temperature`, above 0."""
    PLATT = "platt"
    """Log-odds on a line with `slope`, not below 0, and `intercept`."""
    BETA = "beta"
    """Log-odds `a ln c - b ln(1 - c) + c0` of a score c, with `a` and `b` not below 0."""
    ISOTONIC = "isotonic"
    """Straight lines between `scores` and their `values`, which never fall."""


class ScoreMap(Protocol):
    """Turns scores into chances."""

    def apply(self, score: Numbers) -> Numbers:
        """Return the chances of scores; NaN where a score is missing or lies outside [0, 1]."""


@dataclass(frozen=True, slots=True)
class Unchanged:
    """Takes scores at their word."""

    def apply(self, score: Numbers) -> Numbers:
        """Return the scores; NaN where one is missing or lies outside [0, 1]."""
        return _within(score)


@dataclass(frozen=True, slots=True)
class LogOddsMap:
    """The chance with log-odds ``a ln c - b ln(1 - c) + intercept`` of a score c held within CLIP.

    With ``a = b`` it is a line on the log-odds scale.
    """

    a: float
    b: float
    intercept: float

    def apply(self, score: Numbers) -> Numbers:
        """Return the chances, to twelve digits, so that the last bit of a logarithm undoes no order."""
        held = np.clip(_within(score), CLIP, 1.0 - CLIP)
        odds = self.a * np.log(held) - self.b * np.log1p(-held) + self.intercept
        # Beyond 700 the exponential is endless, and the chance is 0 or 1 to any digit.
        chance = 1.0 / (1.0 + np.exp(-np.clip(odds, -700.0, 700.0)))
        return np.asarray(np.round(chance, _DIGITS), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class BrokenLine:
    """Straight lines between points, level beyond the first and the last."""

    scores: tuple[float, ...]
    values: tuple[float, ...]

    def apply(self, score: Numbers) -> Numbers:
        """Return the chances; within each piece no higher than at its upper end."""
        asked, at = _within(score), np.array(self.scores)
        values = np.array(self.values)
        # The end of a piece bounds it, because rounding may carry a line a bit above it.
        after = values[np.minimum(np.searchsorted(at, asked, side="right"), at.size - 1)]
        found = np.minimum(np.interp(asked, at, values), after)
        # A line of one point has an answer for everything, and nothing that is missing may have one.
        known = np.where(np.isnan(asked), np.nan, found)
        return np.asarray(np.round(known, _DIGITS), dtype=np.float64)


def score_map(method: Method, parameters: Parameters) -> ScoreMap:
    """Return the map of a method with its parameters.

    Raises:
        ValueError: a parameter is missing, unknown, not finite or beyond 1e9, or the map would turn an order.

    >>> float(score_map(Method.TEMPERATURE, {"temperature": 2.0}).apply(np.array([0.8]))[0])
    0.666666666667
    """
    match method:
        case Method.NONE:
            _numbers(method, parameters)
            return Unchanged()
        case Method.TEMPERATURE:
            (temperature,) = _numbers(method, parameters, "temperature")
            if temperature < 1.0 / _LARGEST:
                raise ValueError(f"temperature is {temperature!r}; expected more than 0, and at least {1.0 / _LARGEST:g}")  # fmt: skip
            return LogOddsMap(1.0 / temperature, 1.0 / temperature, 0.0)
        case Method.PLATT:
            slope, intercept = _numbers(method, parameters, "slope", "intercept")
            return LogOddsMap(_rising("slope", slope), slope, intercept)
        case Method.BETA:
            a, b, intercept = _numbers(method, parameters, "a", "b", "c0")
            return LogOddsMap(_rising("a", a), _rising("b", b), intercept)
        case Method.ISOTONIC:
            return _broken_line(parameters)


def _numbers(method: Method, parameters: Parameters, *names: str) -> list[float]:
    if set(parameters) != set(names):
        expected = ", ".join(names) or "none"
        raise ValueError(f"{method} has the parameters {', '.join(parameters) or 'none'}; expected {expected}")  # fmt: skip
    found = [parameters[name] for name in names]
    for name, value in zip(names, found, strict=True):
        if isinstance(value, tuple) or not abs(value) <= _LARGEST:
            raise ValueError(
                f"{name} is {value!r}; expected a finite number, at most {_LARGEST:g} from 0"
            )
    return [value for value in found if not isinstance(value, tuple)]


def _rising(name: str, value: float) -> float:
    if value < 0.0:
        raise ValueError(f"{name} is {value!r}, which turns the order of scores; expected 0 or more")  # fmt: skip
    return value


def _broken_line(parameters: Parameters) -> BrokenLine:
    scores, values = parameters.get("scores"), parameters.get("values")
    if set(parameters) != {"scores", "values"} or not isinstance(scores, tuple) or not isinstance(values, tuple):  # fmt: skip
        raise ValueError("isotonic takes two lists, `scores` and `values`")
    if len(scores) != len(values) or not scores:
        raise ValueError(f"{len(scores)} scores and {len(values)} values; expected as many of each, one or more")  # fmt: skip
    at, to = np.array(scores), np.array(values)
    if not np.all((at >= 0.0) & (at <= 1.0) & (to >= 0.0) & (to <= 1.0)):
        raise ValueError("isotonic scores and values lie between 0 and 1")
    if np.any(np.diff(at) <= 0.0) or np.any(np.diff(to) < 0.0):
        raise ValueError("isotonic scores must rise and values must not fall")
    return BrokenLine(scores, values)


def _within(score: Numbers) -> Numbers:
    given = np.ascontiguousarray(score, dtype=np.float64)
    return np.where((given >= 0.0) & (given <= 1.0), given, np.nan)
