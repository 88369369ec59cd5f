"""The fixed bins of the reduction: the same for every log, engine and day.

Confidence: bin b holds confidences from b/100 up to (b + 1)/100; 1 has bin 100 to itself. A value less than
one ten-millionth below an edge counts as on it, so that 0.29, which no binary fraction equals, lies in bin 29.

Seconds: bin b holds the whole milliseconds m with b <= 20 ln(m + 1) < b + 1, so each bin is 5.1 % wide. No edge
beyond 0 is a whole number, so no rounding of a logarithm moves a value from one bin to another.

Review probability: the nearest thousandth.
"""

from math import exp, expm1

CONFIDENCE_BINS = 101
PER_E = 20
"""Bins of time for each factor of e."""
WIDTH = exp(1 / PER_E) - 1
"""Relative width of a bin of time: 0.051."""


def confidence_sql(column: str) -> str:
    """Return the bin of a confidence as portable SQL."""
    return f"CAST(FLOOR({column} * 100 + 0.00001) AS INTEGER)"


def time_sql(milliseconds: str) -> str:
    """Return the bin of a whole number of milliseconds as portable SQL."""
    return f"CAST(FLOOR(LN({milliseconds} + 1) * {PER_E}) AS INTEGER)"


def probability_sql(column: str) -> str:
    """Return the thousandths of a probability as portable SQL."""
    return f"CAST(FLOOR({column} * 1000 + 0.5) AS INTEGER)"


def time_edges(number: int) -> tuple[float, float]:
    """Return from and to of a bin of time, in seconds.

    >>> [round(edge, 3) for edge in time_edges(0)]
    [0.0, 0.0]
    >>> [round(edge, 2) for edge in time_edges(220)]
    [59.87, 62.94]
    """
    return expm1(number / PER_E) / 1000, expm1((number + 1) / PER_E) / 1000
