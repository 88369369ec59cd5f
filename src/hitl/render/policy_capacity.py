"""Whether reviewers can keep up, on a terminal."""

from collections.abc import Iterator

from rich.console import Console

from hitl.policy.capacity.parts import Capacity, LinePart, LineState, PoolCapacity
from hitl.render import numbers
from hitl.render.policy_table import NOBODY, a_table, add_row, head, named, quiet_hours, say
from hitl.render.text import brief

_WORDS = {
    LineState.WITHIN: "within SLA",
    LineState.LATE: "beyond SLA",
    LineState.GROWS: "grows without bound",
    LineState.UNDECIDED: "undecided",
    LineState.UNMEASURED: "unmeasured",
}
_SHORT = {
    LineState.WITHIN: "within",
    LineState.LATE: "late",
    LineState.GROWS: "grows",
    LineState.UNDECIDED: "undecided",
    LineState.UNMEASURED: "unmeasured",
}


def print_capacity(found: Capacity, console: Console) -> None:
    """Print each pool's busiest hour, then what would help."""
    say(console, f"{numbers.counted(found.n, 'decision')} in {numbers.counted(found.n_hours, 'hour')}"
        f" under policy {brief(found.policy_id, 60)}, version {brief(found.policy_version, 40)}")  # fmt: skip
    if found.n_quiet_hours:
        say(console, quiet_hours(found.n_quiet_hours))
    for names, what in ((found.unread, "count as holding"), (found.set_aside, "are left out")):
        if names:
            say(console, f"warning: no row has the fields of rules that {what}: {', '.join(brief(name, 60) for name in names)}")  # fmt: skip
    table = a_table(["Pool", "stands"], ["c", "come/h", "busy %", "p95 min", "SLA min"])
    # A state is one word, which no narrow terminal may break in two.
    table.columns[1].no_wrap = True
    for pool in found.pools:
        add_row(table, _row(pool))
    console.print(table)
    say(console, "c reviewers; in the busiest hour of the week, UTC: arrivals, share of time at work, the wait of"
        f" {numbers.level(found.within_share)} by measured variation (M/G/c)")  # fmt: skip
    for pool in found.pools:
        head(console, f"{named(pool.pool, NOBODY)}: {_WORDS[pool.state]}")
        say(console, *(f"  {line}" for line in _lines(pool)))


def _row(pool: PoolCapacity) -> Iterator[str]:
    yield named(pool.pool, NOBODY)
    yield _SHORT[pool.state]
    yield numbers.count(pool.members)
    line = pool.varying
    yield numbers.UNKNOWN if line is None else f"{line.arrivals_per_hour:.3g}"
    yield numbers.UNKNOWN if line is None else numbers.percent(line.utilisation).removesuffix(" %")
    yield _wait(line).removesuffix(" min")
    yield numbers.UNKNOWN if pool.sla_minutes is None else f"{pool.sla_minutes:g}"


def _queue(line: LinePart | None) -> str:
    if line is None or line.queue_length is None:
        return "no end" if line else numbers.UNKNOWN
    return f"{line.queue_length:.2g}" if line.queue_length >= 0.01 else "< 0.01"


def _wait(line: LinePart | None) -> str:
    if line is None or line.p95_wait_minutes is None:
        return "no end" if line else numbers.UNKNOWN
    return f"{line.p95_wait_minutes:.3g} min"


def _lines(pool: PoolCapacity) -> Iterator[str]:
    if pool.reason:
        yield pool.reason
    yield f"{numbers.counted(pool.n_decisions, 'decision')} in the log; {_paces(pool)}"
    if pool.busiest is None:
        return
    yield (
        f"busiest {pool.busiest}: {pool.busiest_n:,} in {numbers.counted(pool.busiest_hours, 'such hour')},"
        f" {pool.arrivals_low:.3g} to {pool.arrivals_high:.3g} an hour; mean line {_queue(pool.varying)};"
        f" p95 wait {_wait(pool.erlang_c)} by Erlang C, {_wait(pool.worst)} at the upper limits, {_wait(pool.mean)} on average"
    )
    if pool.logged_late_busiest is not None:
        yield (
            f"as logged, bursts and all: {numbers.percent(pool.logged_late_busiest)} of that hour's"
            f" and {numbers.percent(pool.logged_late)} of all wait longer than the SLA"
        )
    yield f"it carries {pool.most_per_hour:.3g} an hour within the SLA; {_relief(pool)}"
    if pool.hours_over:
        left = (
            "and never clears"
            if pool.largest_backlog is None
            else f"and leaves up to {pool.largest_backlog:.3g} over"
        )
        yield f"in {numbers.counted(pool.hours_over, 'hour')} of the week more comes than can be done, {left}"


def _paces(pool: PoolCapacity) -> str:
    if pool.review_seconds is None:
        return "no review was timed"
    stated = f", stated {pool.stated_per_hour:g}" if pool.stated_per_hour is not None else ""
    limits = ""
    if pool.review_seconds_low is not None:
        limits = f" ({pool.review_seconds_low:.3g} to {pool.review_seconds_high:.3g})"
    return (
        f"a review takes {pool.review_seconds:.3g} s{limits}, n {pool.n_reviews:,}, cv² {numbers.number(pool.cv2)};"
        f" an hour: measured {numbers.number(pool.measured_per_hour)}{stated}; the slower one counts"
    )


def _relief(pool: PoolCapacity) -> str:
    if not pool.share_to_leave:
        return "nothing has to leave its queue"
    enough = "more than can be named" if pool.members_enough is None else f"{pool.members_enough:,}"
    return f"{numbers.percent(pool.share_to_leave)} would have to leave its queue then, or {enough} reviewers keep it"
