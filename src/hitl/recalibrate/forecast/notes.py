"""What the reader of a forecast should know of the cases, the log and the people."""

from collections.abc import Iterator, Sequence

from hitl.decisions.shown import shown
from hitl.recalibrate.forecast.scene import Candidate, Scene
from hitl.recalibrate.forecast.traffic import LEAST_SAME, WRONG, Pool
from hitl.recalibrate.held import Held

_FEW_DAYS = 7
_SHOWN = 5


def far_notes(found: Candidate) -> Iterator[str]:
    """Yield where golden set and log speak of different things."""
    for name in found.rates.far:
        words = name.replace("_", " ")
        yield f"{words}: the golden replies of the previous model say otherwise than the log, by more than chance; all of that gap is taken off the candidate, and the range holds both with and without it"


def held_note(found: Held, pools: Sequence[Pool]) -> str:
    """Return what holding the queues took."""
    was_over, over = (
        ", ".join(pools[one] or "nobody's" for one in places)
        for places in (found.was_over, found.over)
    )
    if not was_over:
        return "held at capacity: no pool is over its capacity, so the thresholds stay as they are"
    if over:
        return f"held at capacity: no threshold lets {over} keep the SLA in the busiest hour; more reviewers, or another policy, must"
    return f"held at capacity: thresholds are lowered until {was_over} would keep the SLA in the busiest hour, at the estimates"


def scene_notes(scene: Scene) -> Iterator[str]:
    """Yield what limits every outlook."""
    yield "an error is here a golden case of which any check failed, which may be more than a wrong decision; what labels of people say of a threshold stands in its certificate"
    yield from _of_cases(scene)
    yield from _of_lanes(scene)
    yield from _of_people(scene)
    days = len(scene.world.traffic.daily)
    if scene.world.traffic.has_times and days < _FEW_DAYS:
        yield f"the log has decisions of {days} {'day' if days == 1 else 'days'}: how much a week differs from another is hardly seen"


def _of_cases(scene: Scene) -> Iterator[str]:
    world, traffic = scene.world, scene.world.traffic
    if world.others:
        named = [shown(traffic.kinds[place] or "no action type") for place in world.others]
        share = float(world.drawn.shares[0, world.others].sum())
        more = f" and {len(named) - _SHOWN} more" if len(named) > _SHOWN else ""
        yield f"{share:.1%} of the traffic ({', '.join(named[:_SHOWN])}{more}) has too few golden cases: it is kept as the log has it, under every policy, as if the candidate changed nothing there"
    for rule in scene.unasked:
        yield f"{rule.name} is left out: no golden reply says {', '.join(rule.fields)}"
    if lost := scene.cases.n_unanswered:
        yield f"{lost:,} golden cases lack a usable reply in one of the arms: what the candidate lacks goes where a failed call goes"
    ungraded = sum(one.is_right is None for one in (*scene.cases.previous, *scene.cases.candidate))
    if ungraded:
        yield f"{ungraded:,} replies could not be graded: they count as right of the previous model and as wrong of the candidate"


def _of_lanes(scene: Scene) -> Iterator[str]:
    same = scene.world.traffic.same_lane
    if same is None:
        yield "the log has no lanes, so its rates are not known to be those of this policy, and nothing is calibrated on them"
    elif same < LEAST_SAME:
        yield f"only {same:.0%} of the logged lanes are those of this policy, so overrides and escapes are not calibrated on the log"


def _of_people(scene: Scene) -> Iterator[str]:
    traffic = scene.world.traffic
    known = traffic.behaviour.labelled.sum(axis=0)
    if known.sum() and not known[WRONG]:
        yield "no reviewed decision is known to be wrong, so how often people override what is wrong can be anything"
    borrowed = [
        name or "no pool"
        for name, one in scene.paces.items()
        if one.is_borrowed and name in traffic.pools
    ]
    if borrowed:
        yield f"{', '.join(borrowed)}: too few review times of their own, so those of all pools together stand for them"
    if traffic.hourly_cost_usd is None:
        yield "cost is that of the model alone: no hourly cost of reviewers is given"
