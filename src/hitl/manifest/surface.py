"""What can change in a release."""

from enum import StrEnum


class ChangeSurface(StrEnum):
    """The part of the workflow that is different in this release."""

    MODEL = "model"
    PROMPT = "prompt"
    RETRIEVAL = "retrieval"
    VALIDATORS = "validators"
    TOOLS = "tools"
    POLICY = "policy"
