"""The closed words of a comparison of decision logs."""

from enum import StrEnum


class SideBasis(StrEnum):
    """What the two sides differ in."""

    MODELS = "models"
    """The model that answered."""
    PERIODS = "periods"
    """The time."""
    MODELS_AND_PERIODS = "models_and_periods"
    """Both were chosen."""


class Scale(StrEnum):
    """How a change is counted."""

    DIFFERENCE = "difference"
    """After minus before; parts add up to the change."""
    RATIO = "ratio"
    """After over before; parts multiply to the change."""


class Cluster(StrEnum):
    """What decisions are grouped by, because those of one group are alike."""

    REVIEWER = "reviewer"
    """The person; rows that name nobody are one group."""
    DAY = "day"
    """The day of the decision: for what policy and model decide without a person."""


class Mix(StrEnum):
    """What a distribution is of."""

    CONFIDENCE = "confidence"
    """Tenths of the model's confidence."""
    ACTION_TYPE = "action_type"
    """Action types."""
