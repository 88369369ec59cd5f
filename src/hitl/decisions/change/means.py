"""The metrics that are means: how long people took, and how content they were."""

from hitl.decisions.change.rows import Rows
from hitl.decisions.change.sample import Sample
from hitl.decisions.change.yardstick import REVIEW_TIME, SATISFACTION, Yardstick
from hitl.decisions.measures.group import ACTED
from hitl.decisions.measures.measured import Basis

MEANS: tuple[tuple[Yardstick, str, str], ...] = (
    (REVIEW_TIME, "review_bin", "on which a person acted say how long it took"),
    (
        SATISFACTION,
        "satisfaction_milli",
        "on which a person acted say how content the reviewer was",
    ),
)
"""Yardstick, amount of the log, and what decisions that have it do."""


def mean_sample(rows: Rows, amount: str, has: str) -> Sample:
    """Return the whole numbers of one side, of decisions on which a person acted."""
    acted = rows.chosen(rows.is_one_of("human_action", *ACTED))
    n = acted.sums[f"n_{amount}"]
    basis = Basis(acted.n, int(n.sum()), has, "a person acted on no decision")
    return Sample(acted, n, acted.sums[f"sum_{amount}"], basis)
