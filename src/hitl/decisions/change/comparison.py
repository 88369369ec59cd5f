"""The comparison document (`comparison.json`)."""

from typing import Literal

from hitl.decisions.change.parts import DistributionPart, Maturity, MetricChange, SidePart
from hitl.decisions.change.words import SideBasis
from hitl.decisions.measures.words import Stand
from hitl.document.schema import Count, Document, OpenShare, Share


class LogComparison(Document):
    """Two model versions or two periods of a decision log; a description and no verdict."""

    format: Literal["hitl/log-comparison/v1"]
    """`hitl/log-comparison/v1`."""
    hitl_version: str
    """Version that measured it."""
    created_at: str
    """When, ISO 8601."""
    sources: tuple[str, ...]
    """Files and tables, as they were named."""
    n: Count
    """Decisions of the log; planted ones do not count."""
    basis: SideBasis
    """What the two sides differ in."""
    before: SidePart
    """The earlier, or previous, side."""
    after: SidePart
    """The later, or candidate, side."""
    n_reviewers_common: Count
    """People who stand on both sides."""
    confidence: OpenShare
    """Two-sided confidence of every interval."""
    coverage_floor: Share
    """Share of decisions that must be attributable; below it a number is refused."""
    maturity: Maturity
    """How outcomes and labels were made comparable in time."""
    metrics: tuple[MetricChange, ...]
    """Every metric, in the order of the documentation."""
    shifts: tuple[DistributionPart, ...]
    """How far confidence and the mix of action types moved."""
    notes: tuple[str, ...] = ()
    """What limits the whole comparison."""

    @property
    def is_empty(self) -> bool:
        """Whether no change at all could be measured."""
        return all(one.crude.stand is Stand.REFUSED for one in self.metrics)
