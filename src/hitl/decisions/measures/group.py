"""The counts of one group of decisions, cut so that each metric finds its rows."""

from collections.abc import Mapping
from dataclasses import dataclass

from hitl.decisions.counts import Table
from hitl.decisions.measures.rules import BaselineRules
from hitl.decisions.words import HumanAction, Lane

ACTED = (HumanAction.APPROVE, HumanAction.MODIFY, HumanAction.REJECT, HumanAction.ESCALATE)
"""A person looked and did something."""
DECIDED = (HumanAction.APPROVE, HumanAction.MODIFY, HumanAction.REJECT)
"""A person looked and decided."""
OVERRIDDEN = (HumanAction.MODIFY, HumanAction.REJECT)
FIRST = (Lane.QUEUE, Lane.ESCALATE)
"""A person decides before it runs."""
ALONE = (Lane.AUTO, Lane.AUDIT)
"""It runs before a person looks, if one does."""


@dataclass(frozen=True)
class GroupCounts:
    """The counts of one group; planted rows stand apart.

    `people`, `review` and `wait` are None where the log's counts do not tell the group's keys apart.
    """

    by: Mapping[str, str | None]
    cells: Table
    planted: Table
    people: Table | None
    planted_people: Table | None
    review: Table | None
    wait: Table | None
    siblings: Table
    """Cells of the same group with any action type."""
    rules: BaselineRules

    @property
    def n(self) -> int:
        """Decisions, planted ones not counted."""
        return self.cells.n
