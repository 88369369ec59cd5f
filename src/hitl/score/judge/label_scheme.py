"""Which labels there are, in which order, and which of them count as a pass."""

from dataclasses import dataclass

from hitl.errors import UsageError

MOST_LABELS = 50
"""More different labels than this are free text."""


@dataclass(frozen=True, slots=True)
class LabelScheme:
    """What is said of the labels; what is left open follows from those that people used."""

    labels: tuple[str, ...] = ()
    positive: tuple[str, ...] = ()
    at_least: float | None = None
    """Labels are numbers, and from this one on they pass."""
    scale: tuple[int, int] | None = None
    """The rubric's scale: it gives the labels where people used whole numbers of it only."""
    is_ordinal: bool = False
    is_pairwise: bool = False
    is_thresholded: bool = False
    """Labels are false and true: whether a grade of the judge reaches `at_least`."""

    def labels_of(self, used: set[str]) -> tuple[str, ...]:
        """Return all labels, given those that people used, numbers in their order.

        Raises:
            UsageError: free text, or an order that cannot be known.
        """
        if self.labels:
            if len(set(self.labels)) < len(self.labels):
                raise UsageError("--labels names a label twice; expected each once, lowest first")
            found = self.labels
        elif (whole := self._of_scale()) and used <= set(whole):
            found = whole
        else:
            found = _in_order(used)
            if self.is_ordinal and not all(_is_number(label) for label in used):
                raise UsageError(
                    "--ordinal needs the order of the labels; give them with --labels, lowest first"
                )
        if len(found) > MOST_LABELS:
            raise UsageError(
                f"{len(found)} different labels are free text rather than labels; check --human-column"
            )
        return found

    def positive_of(self, labels: tuple[str, ...]) -> tuple[str, ...]:
        """Return the labels that pass; none where nothing is said.

        Raises:
            UsageError: both ways of saying it, a label that is none, grades that are no numbers,
                or labels that all pass or all fail.
        """
        if self.is_thresholded:
            return ("true",)
        if self.at_least is None and not self.positive:
            return ()
        if self.at_least is not None and self.positive:
            raise UsageError("give either --positive or --at-least, not both")
        found = self._by_name(labels) if self.positive else self._by_grade(labels)
        if len(found) in (0, len(labels)):
            raise UsageError(
                f"of the labels {', '.join(labels)} {'every one passes' if found else 'none passes'}; expected labels on both sides"
            )
        return found

    def _by_name(self, labels: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := sorted(set(self.positive) - set(labels)):
            raise UsageError(f"--positive {unknown[0]!r} is no label; expected {', '.join(labels)}")
        return tuple(label for label in labels if label in self.positive)

    def _by_grade(self, labels: tuple[str, ...]) -> tuple[str, ...]:
        if not all(_is_number(label) for label in labels):
            raise UsageError(
                f"--at-least needs labels that are numbers, not {', '.join(labels)}; use --positive"
            )
        least = self.at_least if self.at_least is not None else 0.0
        return tuple(label for label in labels if float(label) >= least)

    def _of_scale(self) -> tuple[str, ...]:
        if self.scale is None or self.is_pairwise or self.scale[1] - self.scale[0] >= MOST_LABELS:
            return ()
        return tuple(str(grade) for grade in range(self.scale[0], self.scale[1] + 1))


def _in_order(used: set[str]) -> tuple[str, ...]:
    if all(_is_number(label) for label in used):
        return tuple(sorted(used, key=lambda label: (float(label), label)))
    return tuple(sorted(used))


def _is_number(label: str) -> bool:
    try:
        return abs(float(label)) < float("inf")
    except ValueError:
        return False
