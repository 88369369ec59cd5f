"""What the people of a review found, for those who will meet the candidate's replies next."""

from collections.abc import Iterator

from hitl.record.ratings_parts import FoundPart
from hitl.record.release import ReleaseRecord
from hitl.render import numbers
from hitl.render.people import based_on, blindness_word, change, extent, figure, rate_name
from hitl.render.text import brief

MOST_KINDS = 4
_RATES = ("override", "escalate", "seconds")


def review_lines(record: ReleaseRecord) -> tuple[str, ...]:
    """Return what was wrong, how often, and how far it can be trusted; empty where no review counts."""
    found = record.ratings.found if record.ratings else None
    return () if found is None else tuple(_lines(found))


def _lines(found: FoundPart) -> Iterator[str]:
    before, after = (found.categories.get(arm, {}) for arm in ("previous", "candidate"))
    for kind, n in list(after.items())[:MOST_KINDS]:
        word = brief(kind, 40).replace("_", " ")
        yield f"The candidate's replies were called {word} in {numbers.counted(n, 'vote')}, the previous ones in {before.get(kind, 0):,}."
    for name in _RATES:
        rate = found.rates.get(name)
        if rate is not None and rate.difference.estimate is not None:
            arms = " → ".join(figure(name, one) for one in (rate.previous, rate.candidate))
            yield f"{rate_name(name).capitalize()}: {arms}, {change(name, rate.difference)}; {based_on(rate.difference)}."
    problems = f"; a signal only: {brief(found.problems[0], 300)}" if found.problems else ""
    yield f"{extent(found)}; {blindness_word(found.blindness)}{problems}."
