"""What can be told of how many decisions."""

from hitl.decisions.counts import Table
from hitl.decisions.measures.actions import came_to_people
from hitl.decisions.measures.cutting import Tables
from hitl.decisions.measures.group import ACTED, FIRST
from hitl.decisions.measures.measured import Basis
from hitl.decisions.measures.parts import Attribution
from hitl.decisions.measures.rules import BaselineRules, Key, LogFacts
from hitl.decisions.words import HumanAction

_HAS = {
    Key.RESOLVED_MODEL: "name the model that answered",
    Key.ACTION_TYPE: "name the action type",
    Key.REVIEWER_POOL: "that came to a person name the pool",
    Key.LANE: "name the lane",
    Key.RISK: "name the risk",
    Key.SEVERITY: "name the severity",
}


def key_basis(cells: Table, key: Key) -> Basis:
    """Return the decisions that should have a key, and how many do; a pool is asked of those that came to a person."""
    if key is not Key.REVIEWER_POOL:
        return Basis(cells.n, cells.n - cells.where(**{key: None}).n, _HAS[key])
    seen = cells.where(human_action=tuple(HumanAction))
    silent = cells.where(human_action=None, lane=FIRST)
    n = seen.n + silent.n
    if not n:
        return Basis(cells.n, cells.n - cells.where(reviewer_pool=None).n, "name the pool")
    unnamed = seen.where(reviewer_pool=None).n + silent.where(reviewer_pool=None).n
    return Basis(n, n - unnamed, _HAS[key])


def unnamed_pools(cells: Table, floor: float) -> str:
    """Return why shares of all decisions by pool would mislead; empty if they do not."""
    basis = Basis(cells.n, cells.n - cells.where(reviewer_pool=None).n, "name a pool, so the shares of a pool would be of those alone")  # fmt: skip
    return basis.refusal(floor)


def attributions(tables: Tables, facts: LogFacts, rules: BaselineRules) -> tuple[Attribution, ...]:
    """Return for each column how many decisions have it, among those that should."""
    cells = tables.cells.where(seeded=0)
    acted = cells.where(human_action=ACTED)
    people = tables.people.where(seeded=0, human_action=ACTED)
    came = came_to_people(cells)
    bases = {
        **{key.value: key_basis(cells, key) for key in dict.fromkeys((*rules.by, Key.RESOLVED_MODEL, Key.ACTION_TYPE, Key.LANE))},
        "at": Basis(cells.n, cells.n - cells.where(mature=None).n, ""),
        "confidence": Basis(cells.n, cells.n - cells.where(confidence_bin=None).n, ""),
        "human_action": came,
        "reviewer_id": Basis(acted.n, people.n, ""),
        "review_seconds": Basis(acted.n, acted.total("n_review_bin"), ""),
        "review_probability": Basis(cells.n, cells.n - cells.where(probability_bin=None).n, ""),
        "cost_usd": Basis(cells.n, cells.total("n_cost_micro"), ""),
    }  # fmt: skip
    if facts.n_identified is not None:
        bases["decision_id"] = Basis(tables.cells.n, facts.n_identified, "")
    return tuple(
        Attribution(
            key=name,
            n=basis.attributed,
            population=basis.population,
            is_enough=not basis.refusal(rules.coverage_floor),
        )
        for name, basis in bases.items()
    )
