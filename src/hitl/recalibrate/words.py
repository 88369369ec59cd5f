"""The closed sets of a recalibration."""

from enum import StrEnum


class ErrorsBy(StrEnum):
    """What counts as an error of the model."""

    CORRECT = "correct"
    """The label `correct` is false."""
    OVERRIDE = "override"
    """A person modified or rejected it; approved is right, anything else says nothing."""


class State(StrEnum):
    """What could be said of the threshold of one action type."""

    CERTIFIED = "certified"
    """A threshold carries the guarantee."""
    UNCERTIFIED = "uncertified"
    """The test was made, and no threshold passed it."""
    CONSTANT = "constant"
    """The model says nearly the same confidence of everything, so no threshold can tell decisions apart."""
    UNLABELLED = "unlabelled"
    """Too few labels to prove anything, or labels that do not speak for the decisions."""
    CLOSED = "closed"
    """A person decides first whatever the confidence, so there is no autonomy to give."""
    UNBOUND = "unbound"
    """The risk matrix runs it alone below `auto` too, so no threshold says how much does."""
    ABSENT = "absent"
    """The log holds no decision of this type by the model."""


class Direction(StrEnum):
    """What becomes of the autonomy of an action type."""

    GAINS = "gains"
    """A lower threshold is certified: more decisions run alone."""
    LOSES = "loses"
    """A higher threshold is certified, or none: fewer decisions run alone, or none does."""
    KEEPS = "keeps"
    """The threshold in force is the certified one."""
    NONE = "none"
    """It has no autonomy, before or after."""
