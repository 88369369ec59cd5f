"""What a forecast breaks beside what was broken before."""

from hitl.recalibrate.forecast.parts import GROWS, Break, Range


def was_broken(one: Break) -> bool:
    """Say whether the previous model was beyond the limit too, at its estimate."""
    return _is_beyond(one, one.before)


def is_no_worse(one: Break) -> bool:
    """Say whether the previous model was as far beyond the limit, or farther; a queue without an end is never called no worse."""
    if not was_broken(one) or one.value.estimate is None:
        return False
    if one.before.estimate is None:
        return True
    worse = one.value.estimate - one.before.estimate
    return (worse if one.value.estimate > one.limit else -worse) <= 0


def _is_beyond(one: Break, found: Range) -> bool:
    if found.estimate is None:
        return found.reason.startswith(GROWS)
    value = one.value.estimate
    is_above = value is None or value > one.limit
    return found.estimate > one.limit if is_above else found.estimate < one.limit
