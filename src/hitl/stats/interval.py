"""What an interval is, and how a two-sided confidence splits into two one-sided levels."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Interval:
    """A two-sided interval that carries its level, its method and its sample size.

    Each limit alone holds at the one-sided confidence ``(1 + confidence) / 2``.
    """

    estimate: float
    low: float
    high: float
    confidence: float
    method: str
    n: int

    def mirrored(self) -> "Interval":
        """Return the interval of the same quantity with its sign turned.

        >>> Interval(0.1, -0.2, 0.3, 0.95, "any", 9).mirrored().high
        0.2
        """
        return Interval(-self.estimate, -self.high, -self.low, self.confidence, self.method, self.n)


def one_sided_level(confidence: float) -> float:
    """Return the error level of one limit of a two-sided interval, ``(1 - confidence) / 2``.

    Raises:
        ValueError: unless 0 < confidence < 1.

    >>> one_sided_level(0.5)
    0.25
    """
    check_share(confidence, "confidence")
    return (1.0 - confidence) / 2.0


def check_share(value: float, name: str) -> None:
    """Refuse a share that is not strictly between 0 and 1 (NaN is not).

    Raises:
        ValueError: naming the argument and its value.
    """
    if not 0.0 < value < 1.0:
        raise ValueError(f"{name} must lie strictly between 0 and 1, not {value!r}")
