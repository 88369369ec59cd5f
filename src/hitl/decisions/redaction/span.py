"""Pieces of a text by where they stand."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a text, [start, end), and what kind it is."""

    start: int
    end: int
    kind: str


def outside(spans: Iterable[Span], areas: Iterable[tuple[int, int]]) -> list[Span]:
    """Return the spans that are not empty and do not lie wholly within an area."""
    furthest: list[int] = []
    starts: list[int] = []
    for start, end in sorted(areas):
        starts.append(start)
        furthest.append(max(end, furthest[-1] if furthest else end))
    return [span for span in spans if span.start < span.end > _reach(starts, furthest, span.start)]


def _reach(starts: Sequence[int], furthest: Sequence[int], place: int) -> int:
    """Return the furthest end of the areas that begin at a place or before."""
    number = bisect_right(starts, place)
    return furthest[number - 1] if number else -1


def joined(
    spans: Iterable[Span], units: Sequence[tuple[int, int]], rank: Callable[[str], int]
) -> list[Span]:
    """Return spans in order, those that overlap made one of the first kind in rank.

    Args:
        spans: in any order.
        units: [start, end) of what must not be cut in two, in order.
        rank: of a kind; the lowest gives its name.
    """
    found: list[Span] = []
    for span in sorted((_widened(span, units) for span in spans), key=lambda span: span.start):
        if found and span.start < found[-1].end:
            last = found.pop()
            kind = min(last.kind, span.kind, key=rank)
            span = Span(last.start, max(last.end, span.end), kind)
        found.append(span)
    return found


def _widened(span: Span, units: Sequence[tuple[int, int]]) -> Span:
    return Span(_edge(span.start, units, 0), _edge(span.end, units, 1), span.kind)


def _edge(place: int, units: Sequence[tuple[int, int]], side: int) -> int:
    number = bisect_right(units, (place, -1)) - 1
    if number >= 0 and units[number][0] < place < units[number][1]:
        return units[number][side]
    return place
