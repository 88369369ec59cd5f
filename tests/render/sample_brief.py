"""Records that a brief is drawn from: with style, a forecast and a recalibration, and without."""

from hitl.record.parts import IntervalPart
from hitl.record.release import ReleaseRecord
from hitl.record.style import StylePart
from tests.render.sample_forecast import a_recalibration, a_spike
from tests.render.sample_hold import a_hold


def a_style(
    previous: float | None, candidate: float | None, half: float = 0.0, n: int = 420, **parts: object
) -> StylePart:  # fmt: skip
    """Return a feature with an interval of so much on both sides; a shift where that leaves out 0."""
    if previous is None or candidate is None:
        return StylePart(previous=previous, candidate=candidate, n_cases=0, n_clusters=0, difference=None, p_value=None, is_beyond_chance=False)  # fmt: skip
    moved = candidate - previous
    values: dict[str, object] = {
        "previous": previous,
        "candidate": candidate,
        "n_cases": n,
        "n_clusters": n,
        "difference": IntervalPart(
            estimate=moved, low=moved - half, high=moved + half, confidence=0.95, method="cluster-robust t", n=n,
        ),
        "p_value": 0.001 if abs(moved) > half else 1.0,
        "is_beyond_chance": abs(moved) > half,
    }  # fmt: skip
    return StylePart.model_validate(values | parts)


STYLE = {
    "characters": a_style(690.0, 1240.0, 40.0),
    "words": a_style(110.0, 112.0, 6.0),
    "json": a_style(1.0, 0.92, 0.03),
    "lists": a_style(0.1, 0.62, 0.05),
    "hedges": a_style(0.62, 0.0, 0.1),
    "certain": a_style(0.2, 0.84, 0.12),
    "acts": a_style(0.05, 0.2, 0.04),
    "tool_calls": a_style(0.0, 0.5, 0.1, n_clusters=300),
    "refuses": a_style(None, 0.1),
    "other_script": a_style(0.01, 0.4, 0.05, n=7, difference=None, p_value=None, is_beyond_chance=False),
}  # fmt: skip


def a_styled(**changes: object) -> ReleaseRecord:
    """Return a hold whose candidate also writes otherwise, with a forecast and a recalibration."""
    update = {"style": STYLE, "forecast": a_spike(), "recalibration": a_recalibration()} | changes
    return a_hold().model_copy(update=update).sealed()
