"""What an output costs that people corrected."""

from hitl.decisions.measures.actions import came_to_people
from hitl.decisions.measures.group import ACTED, OVERRIDDEN, GroupCounts
from hitl.decisions.measures.measured import (
    Basis,
    Figure,
    measured,
    only,
    percent,
    reaches,
    refused,
)
from hitl.decisions.measures.parts import Measured
from hitl.decisions.measures.people import rate_by_person
from hitl.decisions.measures.words import Metric

_MICRO = 1_000_000
_HOUR_MS = 3_600_000


def cost_per_corrected(group: GroupCounts) -> Measured:
    """Return cost of all decisions, and of review if an hour has a price, over the decisions that people corrected.

    The cost is taken as known; the interval is that of the share of reviewed decisions that are corrected.
    """
    metric = Metric.COST_PER_CORRECTED
    cells, floor = group.cells, group.rules.coverage_floor
    basis = Basis(cells.n, cells.total("n_cost_micro"), "say what the model cost (`cost_usd`)")
    acted = cells.where(human_action=ACTED)
    timed = acted.total("n_review_ms")
    reason = basis.refusal(floor) or came_to_people(cells).refusal(floor)
    hourly = group.rules.hourly_cost_usd
    if not reason and hourly is not None and not reaches(timed, acted.n, floor):
        reason = f"{only(timed, acted.n, 'decisions')} on which a person acted say how long it took; the floor is {percent(floor)}"
    if not reason and not cells.where(human_action=OVERRIDDEN).n:
        reason = f"people corrected none of {acted.n:,} decisions on which they acted"
    if reason:
        return refused(metric, basis, reason)
    model = cells.total("sum_cost_micro") / basis.attributed * cells.n / _MICRO
    review = 0.0
    if hourly is not None:
        review = acted.total("sum_review_ms") / timed * acted.n / _HOUR_MS * hourly
    # Where the limits reach below one decision, the cost of one has no upper limit that means anything.
    rate = rate_by_person(group, {"human_action": ACTED}, {"human_action": OVERRIDDEN})
    least = (rate.low or 0.0) * acted.n
    figure = Figure(
        (model + review) / (rate.value * acted.n),
        (model + review) / (rate.high * acted.n) if rate.high else None,
        (model + review) / least if least >= 1.0 else None,
        f"limits of the corrected share: {rate.method}",
        cells.n,
        rate.k,
    )
    counted = "the model's cost alone" if hourly is None else f"model and review at {hourly:g} USD an hour"  # fmt: skip
    open_ = (
        ""
        if least >= 1.0
        else "no upper limit: by chance alone less than one might have been corrected"
    )
    return measured(metric, basis, figure, f"counts {counted}", open_)
