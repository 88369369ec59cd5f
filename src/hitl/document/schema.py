"""What every document has in common, and the types that documents share."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints


class Document(BaseModel):
    """A value read from a file: frozen, strict, and without unknown fields."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        use_attribute_docstrings=True,
        allow_inf_nan=False,
    )


Json = JsonValue
"""Any JSON value."""

Identifier = Annotated[
    str,
    StringConstraints(
        min_length=1,
        max_length=200,
        pattern=r"^[^\s\x00-\x1f\x7f-\x9f]([^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f])?$",
    ),
]
"""A name that people type: no control characters, no space at either end."""

Slug = Annotated[
    str, StringConstraints(min_length=1, max_length=120, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
]
"""A name that is also used as a folder: letters, digits, dot, dash, underscore."""

Share = Annotated[float, Field(ge=0, le=1)]
"""A share between 0 and 1, both included."""

OpenShare = Annotated[float, Field(gt=0, lt=1)]
"""A share strictly between 0 and 1."""

LARGEST_COUNT = 2**53 - 1
"""Largest whole number that every JSON reader keeps exactly."""

LARGEST_AMOUNT = 1e15
"""Far above anything measured, and far below where sums and squares overflow."""

Count = Annotated[int, Field(ge=0, le=LARGEST_COUNT)]
"""A whole number, 0 or more."""

Amount = Annotated[float, Field(ge=0, le=LARGEST_AMOUNT)]
"""A measured quantity, 0 or more."""
