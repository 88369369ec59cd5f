"""What a baseline was measured on, told from the counts."""

from datetime import date, timedelta

from hitl.decisions.counts import MISSING, Counts, Table
from hitl.decisions.measures.attribution import attributions
from hitl.decisions.measures.cutting import Tables
from hitl.decisions.measures.notes import notes
from hitl.decisions.measures.parts import LogPart, ModelPart
from hitl.decisions.measures.rules import BaselineRules, LogFacts
from hitl.manifest.alias import is_alias

MOST_MODELS = 200
"""Model identities that are listed."""


def log_part(counts: Counts, tables: Tables, facts: LogFacts, rules: BaselineRules) -> LogPart:
    """Return the rows, days, coverage and models of a log."""
    real = counts.cells.where(seeded=0)
    span = days_of(real)
    models = _models(real)
    return LogPart(
        sources=facts.sources,
        n=real.n,
        n_aside=facts.n_aside,
        n_outside=facts.n_outside,
        n_seeded=counts.cells.n - real.n,
        first_day=day_text(span[0]) if span else None,
        last_day=day_text(span[1]) if span else None,
        attribution=attributions(tables, facts, rules),
        models=tuple(models[:MOST_MODELS]),
        notes=tuple(notes(real, tables.cells.where(seeded=0), facts)),
        n_models_left_out=max(0, len(models) - MOST_MODELS),
    )


def days_of(table: Table) -> tuple[int, int] | None:
    """Return first and last day since 1970; None if no row has a time."""
    days = table.keys["day"]
    known = days[days != MISSING]
    return (int(known.min()), int(known.max())) if known.size else None


def day_text(day: int) -> str:
    """Return a day as ISO 8601.

    >>> day_text(20574)
    '2026-05-01'
    """
    return (date(1970, 1, 1) + timedelta(days=day)).isoformat()


def _models(real: Table) -> list[ModelPart]:
    found: dict[str | None, tuple[int, list[int]]] = {}
    for line in real.by("resolved_model", "day").lines():
        model = None if line["resolved_model"] is None else str(line["resolved_model"])
        n, days = found.get(model, (0, []))
        day = [] if line["day"] is None else [int(line["day"])]
        found[model] = (n + int(line["n"] or 0), days + day)
    parts = [
        ModelPart(
            resolved_model=model,
            n=n,
            first_day=day_text(min(days)) if days else None,
            last_day=day_text(max(days)) if days else None,
            is_alias=model is not None and is_alias(model, None),
        )
        for model, (n, days) in found.items()
    ]
    return sorted(parts, key=lambda one: (-one.n, one.resolved_model or ""))
