"""The baseline document (`baseline.json`)."""

from typing import Literal

from hitl.decisions.measures.parts import Group, LogPart, TargetPart
from hitl.document.schema import Count, Document, OpenShare, Share


class Baseline(Document):
    """What people and model did over a time, as later times are compared with it."""

    format: Literal["hitl/baseline/v1"]
    """`hitl/baseline/v1`."""
    hitl_version: str
    """Version that measured it."""
    created_at: str
    """When, ISO 8601."""
    log: LogPart
    """What it was measured on."""
    confidence: OpenShare
    """Two-sided confidence of every interval."""
    coverage_floor: Share
    """Share of decisions that must be attributable; below it a number is refused."""
    seed: Count
    """Of the resampling."""
    policy: str | None = None
    """Version of the policy whose targets are used; null for the defaults."""
    hourly_cost_usd: float | None = None
    """Cost of an hour of review; null where only the model's cost counts."""
    outcome_maturity_days: Count = 14
    """Outcomes count of decisions that are at least so many days older than the log's last day."""
    targets: tuple[TargetPart, ...]
    """The six operating metrics."""
    groups: tuple[Group, ...]
    """All decisions first, then by each key."""
    n_groups_left_out: Count = 0
    """Groups beyond the number that is kept, smallest first."""
