"""Write the parallel run that the incident-triage example ships. Synthetic throughout.

    python -m tests.decisions.example_parallel

In the week before the cutover the candidate answers 6,000 decisions, and the model in use the first 2,000 of them too. Nothing
of it runs, and people look at every one, so that each has a label. Lanes and pools are what the example's policy says.
Errors become rarer with confidence, faster for some action types than for others.
"""

from dataclasses import replace
from pathlib import Path

from tests.decisions.example_log import LOG, SITUATIONS, Example, Situation, write
from tests.decisions.logs import Truth

PARALLEL = LOG.with_name("parallel.parquet")
_ERRORS = {
    "annotate_incident": (0.002, 0.5),
    "route_to_team": (0.0005, 3.4),
    "hold_deployments": (0.01, 1.6),
    "notify_customers": (0.02, 1.2),
    "remediation": (0.03, 1.5),
}
"""Chance of an error of the candidate at full confidence, and how fast it grows with the square of the doubt."""
_ERRORS_BEFORE = {
    "annotate_incident": (0.005, 0.4),
    "route_to_team": (0.002, 0.9),
    "hold_deployments": (0.01, 0.8),
    "notify_customers": (0.01, 0.8),
    "remediation": (0.02, 1.0),
}
"""The same of the model in use."""


def _watched(one: Situation) -> Situation:
    steps = tuple(replace(step, seen=1.0, seen_after=None) for step in one.type.steps)
    return replace(one, type=replace(one.type, steps=steps))


def _usual(one: Situation) -> Situation:
    """Return the situation of the model in use: its answers are never very long."""
    usual = next(other for other in SITUATIONS if other.type.name == one.type.name)
    return replace(usual, after=one.after) if one.is_long else one


def _chance(errors: dict[str, tuple[float, float]], situations: tuple[Situation, ...]) -> str:
    floor, slope = (
        "[" + ", ".join(f"{errors[one.type.name][part]}::DOUBLE" for one in situations) + "][kind + 1]"
        for part in (0, 1)
    )  # fmt: skip
    return f"LEAST(1, {floor} + {slope} * (1 - confidence) * (1 - confidence))"


def _example(situations: tuple[Situation, ...], truth: Truth, errors: dict[str, tuple[float, float]]) -> Example:  # fmt: skip
    watched = tuple(map(_watched, situations))
    mix = tuple(one.after for one in watched)
    truth = replace(truth, types=tuple(one.type for one in watched), mix=mix, mix_after=mix)
    return Example(truth, watched, _chance(errors, watched), new_since="2026-05-11", rollout="shadow")  # fmt: skip


_WEEK = Truth(
    rows=6_000, days=7, first_day="2026-05-11", upgrade_day=0, override=0.003, override_after=0.003, confidence_power=0.16,
    timeouts=0, acts_on_errors=True, satisfaction=0.8, reviewers=4, reviewer_spread=0.4, label_delay=2,
    hours=(*(1.0,) * 7, 2.0, *(4.0,) * 10, 3.0, 3.0, *(2.0,) * 4), changes=True, keeps_lane=True, seed=15,
)  # fmt: skip
CANDIDATE = _example(SITUATIONS, _WEEK, _ERRORS)
PREVIOUS = _example(
    tuple(map(_usual, SITUATIONS)),
    replace(_WEEK, rows=2_000, upgrade_day=7, confidence_power=0.14),
    _ERRORS_BEFORE,
)


def _renamed(example: Example, letter: str) -> str:
    return f"SELECT * REPLACE ('{letter}-' || SUBSTR(decision_id, 3) AS decision_id) FROM ({example.sql()})"  # noqa: S608  # words of this file


def main(path: Path = PARALLEL) -> None:
    both = f"{_renamed(CANDIDATE, 'p')} UNION ALL {_renamed(PREVIOUS, 'o')}"
    write(path, f'SELECT * FROM ({both}) ORDER BY "at", decision_id')  # noqa: S608  # words of this file


if __name__ == "__main__":
    main()
