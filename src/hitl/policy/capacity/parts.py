"""The document of a capacity check: whether reviewers can keep up."""

from enum import StrEnum
from typing import Literal

from hitl.document.schema import Count, Document, OpenShare, Share


class LineState(StrEnum):
    """How a pool stands."""

    WITHIN = "within_sla"
    """In its busiest hour enough of its decisions are looked at within the SLA, at the upper limits too."""
    LATE = "beyond_sla"
    """The line is steady and too slow, or decisions come in bursts that it cannot take in time."""
    GROWS = "grows_without_bound"
    """Work comes at least as fast as it is done."""
    UNDECIDED = "undecided"
    """It would be within at the estimates, and not at the upper limits or as the log has decisions come; or the log
    covers less than a whole week."""
    UNMEASURED = "unmeasured"
    """It cannot be said; the reason says why."""


class LinePart(Document):
    """A line in its steady state."""

    arrivals_per_hour: float
    """Decisions that come."""
    utilisation: float
    """Work that comes over work that can be done."""
    grows: bool
    """Whether it grows without bound; the rest is null then."""
    chance_of_waiting: Share | None = None
    """Share that finds everybody at work."""
    mean_wait_minutes: float | None = None
    """Over all decisions."""
    p95_wait_minutes: float | None = None
    """95 % wait at most so long."""
    queue_length: float | None = None
    """Mean number that waits."""


class PoolCapacity(Document):
    """Whether one pool can keep up."""

    pool: str | None
    """Null where nobody is named."""
    state: LineState
    """How it stands in its busiest hour."""
    reason: str = ""
    """Why it is unmeasured, or what limits what is said."""
    members: Count
    """Reviewers that the policy names."""
    stated_per_hour: float | None = None
    """Decisions that the policy says the pool can look at in an hour."""
    measured_per_hour: float | None = None
    """Decisions that its members could look at in an hour by measured review times, never pausing."""
    sla_minutes: float | None = None
    """Longest wait of a decision before a person looks."""
    n_decisions: Count
    """Decisions that the policy sends it, before or after they ran."""
    n_reviews: Count = 0
    """Reviews whose time was measured."""
    review_seconds: float | None = None
    """Mean time of a review."""
    review_seconds_low: float | None = None
    """Lower limit."""
    review_seconds_high: float | None = None
    """Upper limit."""
    service_seconds: float | None = None
    """Time that one decision takes one reviewer, by the slower of what is stated and what was measured."""
    cv2: float | None = None
    """Squared coefficient of variation of review times; 1 is what Erlang C takes for granted."""
    busiest: str | None = None
    """Busiest hour of the week, UTC, such as `Mon 09:00`."""
    busiest_n: Count = 0
    """Decisions counted in that hour of the week."""
    busiest_hours: Count = 0
    """How often the log covers that hour of the week."""
    arrivals_low: float | None = None
    """Decisions an hour then: lower limit."""
    arrivals_high: float | None = None
    """Upper limit."""
    erlang_c: LinePart | None = None
    """The busiest hour as M/M/c."""
    varying: LinePart | None = None
    """The same with measured variation (M/G/c, Allen and Cunneen)."""
    worst: LinePart | None = None
    """The same at the upper limits of arrivals and review time."""
    mean: LinePart | None = None
    """The same at the mean of all hours of the log."""
    logged_late_busiest: Share | None = None
    """Share of the busiest hour's decisions that would wait longer than the SLA if they came as logged, bursts and all."""
    logged_late: Share | None = None
    """The same of all its decisions."""
    hours_over: Count | None = None
    """Hours of the week, of 168, in which more comes than can be done."""
    largest_backlog: float | None = None
    """Decisions left over at the end of the worst hour, week after week alike; null where it never clears."""
    most_per_hour: float | None = None
    """Decisions an hour that can be carried within the SLA."""
    share_to_leave: Share | None = None
    """Share of the busiest hour's decisions that would have to run without this pool; 0 where none has to."""
    members_enough: Count | None = None
    """Reviewers, working at the same pace, who would keep the SLA in the busiest hour."""


class Capacity(Document):
    """Whether reviewers can keep up with what a policy sends them."""

    format: Literal["hitl/policy-capacity/v1"]
    """`hitl/policy-capacity/v1`."""
    policy_id: str
    """Name of the policy; empty if it has none."""
    policy_version: str
    """Its version."""
    sources: tuple[str, ...]
    """Files and tables of the log."""
    n: Count
    """Decisions that were replayed."""
    n_hours: Count
    """Hours that the log covers."""
    n_quiet_hours: Count
    """Hours in stretches of more than a week without any decision, which count as not covered."""
    confidence: OpenShare
    """Two-sided confidence of every interval."""
    within_share: OpenShare
    """Share of decisions that has to be looked at within the SLA."""
    set_aside: tuple[str, ...]
    """Rules that were left out because the log lacks what they ask for."""
    unread: tuple[str, ...]
    """Rules that count as holding because the log lacks what they ask for."""
    pools: tuple[PoolCapacity, ...]
    """Pools of the policy, and those that it sends decisions to."""
