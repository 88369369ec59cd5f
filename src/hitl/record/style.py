"""How the two arms write, as a part of the record."""

from collections.abc import Mapping

from hitl.record.parts import Figure, IntervalPart, Part
from hitl.score.style_shift import StyleResult


class StylePart(Part):
    """One style feature side by side, over the cases of which both arms say it."""

    previous: Figure | None
    """Mean over cases; None where no reply of the arm says it."""
    candidate: Figure | None
    n_cases: int
    """Cases of which both arms say it."""
    n_clusters: int
    """Independent ones among them."""
    difference: IntervalPart | None
    """Candidate minus previous, two-sided at the release's confidence, each feature by itself."""
    p_value: Figure | None
    """Two-sided, corrected over all features that were compared (Holm)."""
    is_beyond_chance: bool
    """Whether the corrected p-value is at most one minus the confidence."""


def style_parts(results: Mapping[str, StyleResult]) -> dict[str, StylePart]:
    """Return every style feature, in the order in which they are read."""
    return {name: StylePart.of(result) for name, result in results.items()}
