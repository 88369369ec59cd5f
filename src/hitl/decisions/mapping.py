"""How the columns and words of any log become those of hitl: said by the user, never guessed."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from hitl.decisions.schema import BY_NAME, Column, Kind
from hitl.document.schema import Document


class LogUnit(StrEnum):
    """The unit of a number, where it is not hitl's own."""

    PERCENT = "percent"
    ONE_TO_FIVE = "one_to_five"
    MILLISECONDS = "milliseconds"
    SECONDS = "seconds"
    MINUTES = "minutes"
    CENTS = "cents"
    EPOCH_SECONDS = "epoch_seconds"
    EPOCH_MILLISECONDS = "epoch_milliseconds"


FACTORS: dict[tuple[Kind, LogUnit], str] = {
    (Kind.SHARE, LogUnit.PERCENT): "/ 100.0",
    (Kind.SHARE, LogUnit.ONE_TO_FIVE): "* 0.25 - 0.25",
    (Kind.SECONDS, LogUnit.MILLISECONDS): "/ 1000.0",
    (Kind.SECONDS, LogUnit.SECONDS): "",
    (Kind.SECONDS, LogUnit.MINUTES): "* 60.0",
    (Kind.MILLISECONDS, LogUnit.MILLISECONDS): "",
    (Kind.MILLISECONDS, LogUnit.SECONDS): "* 1000.0",
    (Kind.DOLLARS, LogUnit.CENTS): "/ 100.0",
    (Kind.INSTANT, LogUnit.EPOCH_SECONDS): "* 1000000.0",
    (Kind.INSTANT, LogUnit.EPOCH_MILLISECONDS): "* 1000.0",
}
"""What makes a number of a unit one of the column's own (of an instant: microseconds), as SQL."""

_OFFSET = re.compile(r"[+-](0\d|1[0-4]):[0-5]\d")
Source = Annotated[str, Field(min_length=1, max_length=1000)]
Words = Annotated[dict[str, str | None], Field(min_length=1, max_length=10_000)]


class LogColumns(Document):
    """Names, words, units and zone of a log that was not written for hitl."""

    columns: dict[str, Source] = Field(default_factory=dict)
    """hitl's column → the log's column, such as `at: created_at`."""
    values: dict[str, Words] = Field(default_factory=dict)
    """hitl's column → the log's word → hitl's word, or null for no value, such as
    `human_action: {accept: approve, none: null}`; words that are not named stand for themselves."""
    units: dict[str, LogUnit] = Field(default_factory=dict)
    """hitl's column → unit of the log's numbers, such as `confidence: percent`."""
    only: dict[Source, tuple[str, ...]] = Field(default_factory=dict)
    """The log's column → its words in the rows that count, such as `is_test: ["false"]`; the rest is set
    aside and its number told."""
    zone: str | None = None
    """Zone of times that name none: `Europe/Berlin`, `UTC` or `+02:00`; without it they are errors."""

    @model_validator(mode="after")
    def _check_names(self) -> Self:
        problems = mistakes_of(self.columns, self.values, self.units)
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def source(self, column: str) -> str:
        """Return the log's name of one of hitl's columns."""
        return self.columns.get(column, column)

    @property
    def offset(self) -> str | None:
        """The zone if it is an offset such as `+02:00`."""
        return self.zone if self.zone and _OFFSET.fullmatch(self.zone) else None


class MappingFile(LogColumns):
    """A `mapping.yaml`."""

    format: Literal["hitl/mapping/v1"] = "hitl/mapping/v1"
    """Kind and version of this document; may be left out."""


def mistakes_of(
    columns: Mapping[str, str],
    values: Mapping[str, Mapping[str, str | None]],
    units: Mapping[str, LogUnit],
) -> list[str]:
    """Return what is wrong with the names, words and units of a mapping."""
    problems = [
        f"`{part}` names {name!r}, which is no column of a decision log; columns are {', '.join(BY_NAME)}"
        for part, names in (("columns", columns), ("values", values), ("units", units))
        for name in names
        if name not in BY_NAME
    ]  # fmt: skip
    for name, words in values.items():
        problems += _wrong_words(BY_NAME[name], words) if name in BY_NAME else []
    for name, unit in units.items():
        if name in BY_NAME and (BY_NAME[name].kind, unit) not in FACTORS:
            problems.append(f"`units.{name}`: {unit.value} is no unit of {BY_NAME[name].kind}")
    return problems


def _wrong_words(column: Column, words: Mapping[str, str | None]) -> list[str]:
    if column.kind not in (Kind.WORD, Kind.FLAG, Kind.TEXT):
        return [
            f"`values.{column.name}`: a {column.kind} has no words; `units` says what a number is"
        ]
    known = ("true", "false") if column.kind is Kind.FLAG else column.words
    return [
        f"`values.{column.name}.{word}`: {meant!r} is not one of {', '.join(known)} or null"
        for word, meant in words.items()
        if known and meant is not None and meant not in known
    ]
