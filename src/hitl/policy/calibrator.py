"""The calibrator of a policy: what a model's stated confidence is worth."""

from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt
from pydantic import Field, model_validator

from hitl.digest import digest
from hitl.document.schema import Count, Document, Identifier
from hitl.stats.score_map import Method, ScoreMap, score_map

Confidences = npt.NDArray[np.float64]
_REMEMBERED = 65_536


class FittedOn(Document):
    """What a map was fitted on."""

    n: Count
    """Labelled decisions."""
    data_digest: str
    """SHA-256 of the counts by score, as canonical JSON."""
    at: str
    """When, ISO 8601."""


class ScoreMapping(Document):
    """How stated confidence becomes the chance of being right; higher confidence never becomes a lower chance."""

    method: Method
    """none, temperature, platt, beta or isotonic."""
    parameters: dict[str, float | tuple[float, ...]] = Field(default_factory=dict)
    """`temperature`; `slope` and `intercept`; `a`, `b` and `c0`; or the lists `scores` and `values`."""
    fitted_on: FittedOn
    """What it was fitted on."""

    @model_validator(mode="after")
    def _keeps_order(self) -> Self:
        score_map(self.method, self.parameters)
        return self

    @cached_property
    def map(self) -> ScoreMap:
        """The map."""
        return score_map(self.method, self.parameters)


class Calibrator(Document):
    """What one model's confidence is worth; a policy applies it before its thresholds."""

    format: Literal["hitl/calibrator/v1"]
    """`hitl/calibrator/v1`."""
    version: str
    """Version of the calibrator; any change is a new one."""
    model: Identifier
    """Identity of the model whose confidence it is for (`resolved_model`); that of any other model is not usable."""
    all: ScoreMapping | None = None
    """For action types that `types` does not name; without it their confidence is not usable."""
    types: dict[Identifier, ScoreMapping] = Field(default_factory=dict)
    """By action type."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.all is None and not self.types:
            raise ValueError("no map at all; expected `all`, `types` or both")
        return self

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the calibrator as canonical JSON."""
        return digest(self.model_dump(mode="json"))

    def map_for(self, action_type: str | None) -> ScoreMap | None:
        """Return the map of an action type; None where its confidence is not usable."""
        found = self.types.get(action_type, self.all) if action_type is not None else self.all
        return None if found is None else found.map

    def apply(
        self, confidences: Confidences, action_types: Sequence[object] | npt.NDArray[Any] | None = None
    ) -> Confidences:  # fmt: skip
        """Return what confidences of its model are worth; NaN where one is missing, broken or has no map.

        Args:
            confidences: as the model says them, 0 to 1.
            action_types: the type of each; without them all go through the map `all`.

        Raises:
            ValueError: confidences and types of different lengths.
        """
        given = np.asarray(confidences, dtype=np.float64)
        if action_types is None:
            return _mapped(self.all.map if self.all else None, given)
        kinds = np.asarray(action_types, dtype=object)
        if kinds.shape != given.shape:
            raise ValueError(f"{given.size} confidences and {kinds.size} action types; expected as many of each")  # fmt: skip
        own = np.array([_is_known(kind, self.types) for kind in kinds.tolist()], dtype=bool)
        found = np.full(given.shape, np.nan)
        found[~own] = _mapped(self.all.map if self.all else None, given[~own])
        for name, mapping in self.types.items():
            rows = own & (kinds == name)
            found[rows] = mapping.map.apply(given[rows])
        return found

    @cached_property
    def _one(self) -> "_One":
        return _One(self)

    def one(self, confidence: float, action_type: str | None) -> float | None:
        """Return what one confidence is worth; None where its type has no map."""
        return self._one.value(confidence, action_type)

    def __getstate__(self) -> dict[Any, Any]:
        state = super().__getstate__()
        values = {name: value for name, value in state["__dict__"].items() if name != "_one"}
        return state | {"__dict__": values}


class _One:
    """Answers for single confidences, which come again and again, from memory."""

    def __init__(self, calibrator: Calibrator) -> None:
        self._calibrator = calibrator
        self.value = lru_cache(maxsize=_REMEMBERED)(self._value)

    def _value(self, confidence: float, action_type: str | None) -> float | None:
        found = self._calibrator.map_for(action_type)
        return None if found is None else float(found.apply(np.array([confidence]))[0])


def _mapped(found: ScoreMap | None, confidences: Confidences) -> Confidences:
    return np.full(confidences.shape, np.nan) if found is None else found.apply(confidences)


def _is_known(kind: object, types: Mapping[str, object]) -> bool:
    return isinstance(kind, str) and kind in types
