"""The forecast as a part of the release record."""

from typing import Annotated

from pydantic import AfterValidator

from hitl.document.schema import Count, Document, Share
from hitl.manifest.forecast import Setting as Setting


def _round(value: float) -> float:
    """Keep twelve significant digits: the last few depend on the machine's linear algebra."""
    return float(f"{value:.12g}")


Number = Annotated[float, AfterValidator(_round)]
"""A number of the record."""


GROWS = "the queue grows without end"
"""How the reason of a number without an end begins."""


class Range(Document):
    """A forecast number: never without its range, or the reason why there is none."""

    estimate: Number | None
    """Most likely value; null where it cannot be said."""
    low: Number | None
    """Lower end of the range."""
    high: Number | None
    """Upper end."""
    reason: str = ""
    """Why it cannot be said."""


class HourForecast(Document):
    """One hour of the day, over the days of the log on which the pool has work."""

    hour: Count
    """0 to 23, UTC."""
    arrivals: Number
    """Decisions an hour that the pool must look at."""
    queue: Number | None
    """Mean number that waits; null where the queue grows without end."""
    p95_wait_minutes: Number | None
    """95 % wait at most so long."""


class PoolForecast(Document):
    """What one pool would face."""

    pool: str | None
    """Null where nobody is named."""
    per_week: Range
    """Decisions that it must look at, before or after they ran."""
    hours_per_week: Range
    """Hours of review work."""
    utilisation: Range
    """Work over capacity in its busiest hour; from 1 on the queue grows."""
    queue: Range
    """Mean number that waits in its busiest hour."""
    p95_wait_minutes: Range
    """95 % wait at most so long in its busiest hour."""
    sla_minutes: Number | None
    """Longest wait that the policy allows."""
    busiest: str | None
    """Busiest hour of the week, such as `Mon 09:00` (UTC)."""
    breaks_sla: bool | None
    """Whether the forecast wait is longer than the SLA; null where it cannot be said."""
    by_hour: tuple[HourForecast, ...] = ()
    """By hour of the day."""


class Outlook(Document):
    """What one model under one policy would mean for the baseline's traffic."""

    setting: Setting | None
    """Null for the previous model under the policy as it is."""
    policy_version: str
    """Version of the policy."""
    thresholds: dict[str, Number | str]
    """`auto` by action type; `never` where nothing runs alone."""
    lanes: dict[str, Range]
    """Share of the decisions by lane."""
    override_rate: Range
    """Share of what people decide on that they modify or reject."""
    escalation_rate: Range
    """Share that a person decides first (lanes `queue` and `escalate`)."""
    auto_resolve_rate: Range
    """Share that runs before a person sees it (lanes `auto` and `audit`) and that nobody changes afterwards."""
    error_escape_rate: Range
    """Share of wrong ones among the decisions that run before a person sees them (lanes `auto` and `audit`)."""
    reviews_per_week: Range
    """Decisions that people look at."""
    reviewer_hours_per_week: Range
    """Hours of review work."""
    cost_usd_per_week: Range
    """Model and reviewers together; of the model alone where no hourly cost is known."""
    pools: tuple[PoolForecast, ...]
    """Reviewer pools."""
    reason: str = ""
    """Why nothing can be said under this policy; then every number is unknown."""


class Break(Document):
    """Something that the forecast would break."""

    setting: Setting
    """Under which policy."""
    measure: str
    """Such as `error_escape_rate`, or `p95_wait_minutes` with its pool."""
    pool: str | None = None
    """The pool, where it is about one."""
    limit: Number
    """Target or SLA."""
    value: Range
    """Forecast."""
    before: Range
    """The same of the previous model."""
    is_certain: bool
    """Whether the whole range lies beyond the limit."""
    message: str
    """In one line."""


class Forecast(Document):
    """What reviewers would face if the candidate answered the baseline's traffic."""

    headline: str
    """The gravest break in one line; else that nothing breaks, or why nothing can be said."""
    confidence: Share
    """Of every range."""
    method: str
    """How the ranges were made."""
    sources: tuple[str, ...]
    """Files and tables of the baseline's log."""
    sources_digest: str
    """SHA-256 of the counts that the traffic was made of, as canonical JSON."""
    n_traffic: Count
    """Decisions of the baseline."""
    weeks: Number | None
    """Weeks that it covers."""
    n_cases: Count
    """Golden cases whose replies could be routed in both arms."""
    n_clusters: Count
    """Independent ones."""
    n_unanswered: Count = 0
    """Golden cases to which an arm lacks a usable reply; what the candidate lacks goes where a failed call goes."""
    covered_share: Share
    """Share of the traffic whose action type the golden cases speak for."""
    observed: Outlook | None
    """The previous model as the log has it, where it can be said."""
    previous: Outlook | None
    """The previous model by its replies to the golden set: what the method says of what is known."""
    outlooks: tuple[Outlook, ...]
    """The candidate under each policy."""
    breaks: tuple[Break, ...]
    """What it would break, the gravest first."""
    notes: tuple[str, ...]
    """What the reader should know."""
    unmeasured: str = ""
    """Why there is no forecast at all."""
