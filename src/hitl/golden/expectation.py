"""What must hold for a reply: one document for each family of rules."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Discriminator, Field, Tag, model_validator

from hitl.document.schema import Count, Document, Identifier, Json, Share


class OutcomeClass(StrEnum):
    """What a reply amounts to."""

    ANSWER = "answer"
    REFUSAL = "refusal"
    ABSTAIN = "abstain"
    FALLBACK = "fallback"
    NEEDS_HUMAN_REVIEW = "needs_human_review"
    ESCALATE = "escalate"


class ParseTier(StrEnum):
    """How far parsing may go to find JSON in a reply."""

    STRICT = "strict"
    FENCED = "fenced"
    REPAIR = "repair"


class JsonType(StrEnum):
    """The JSON types that a field can be asked to have."""

    STRING = "string"
    NUMBER = "number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    ARRAY = "array"
    OBJECT = "object"
    NULL = "null"


class SimilarityMethod(StrEnum):
    """How similarity of two texts is measured, both from 0 to 1."""

    RATIO = "ratio"
    TOKEN_SET = "token_set"


class _Rule(Document):
    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        asked = self.model_fields_set - {
            "field",
            "label",
            "parse",
            "ignore_case",
            "extract",
            "tolerance",
            "by",
        }
        if not asked:
            raise ValueError(
                "the expectation asks for nothing; add what must hold, such as `equals`"
            )
        if {"tool_calls", "numeric"} & asked:
            return self
        for name in asked:
            if getattr(self, name) is None and name != "equals":
                raise ValueError(
                    f"`{name}` is left blank and would ask for nothing; give it a value"
                )
            value = getattr(self, name)
            if (value == "" and name == "matches") or (
                isinstance(value, tuple) and name.startswith("must") and "" in value
            ):
                raise ValueError(
                    f"`{name}` holds an empty text, which stands in every reply; write the text that is meant"
                )
            if value in ((), {}):
                raise ValueError(
                    f"`{name}` is empty and would always hold; list at least one value"
                )
        return self


class TextRule(_Rule):
    """Rules on the whole reply text, without the white space at its ends."""

    equals: Json = None
    """The text is exactly this (a number or boolean: its JSON text)."""
    one_of: tuple[Json, ...] | None = None
    """The text is one of these."""
    matches: str | None = None
    """An RE2 regular expression is found somewhere in the text."""
    must_include: tuple[str, ...] | None = None
    """Every one of these stands in the text."""
    must_not_include: tuple[str, ...] | None = None
    """None of these stands in the text."""
    ignore_case: bool = False
    """Compare without regard to upper and lower case."""


class FieldRule(_Rule):
    """Rules on one place of the reply read as JSON; a missing field fails."""

    field: Identifier
    """Where: `a.b[0]`, or a JSONPath that starts with `$`. Several matches must all hold."""
    parse: ParseTier = ParseTier.STRICT
    """How far parsing may go; anything past strict is a repair event."""
    equals: Json = None
    """The value is exactly this, type included."""
    one_of: tuple[Json, ...] | None = None
    """The value is one of these."""
    matches: str | None = None
    """The value is text in which the RE2 regular expression is found."""
    must_include: tuple[Json, ...] | None = None
    """The text holds each of these, or the list has each as an item."""
    must_not_include: tuple[Json, ...] | None = None
    """The text holds none of these, or the list has none as an item."""
    min_items: Count | None = None
    """The list has at least so many items."""
    max_items: Count | None = None
    """The list has at most so many items."""
    min_length: Count | None = None
    """The text has at least so many characters, white space at its ends not counted."""
    at_least: float | None = None
    """The number is at least this."""
    at_most: float | None = None
    """The number is at most this."""
    type: JsonType | None = None
    """The value has this JSON type."""
    present: bool | None = None
    """true: the field is there and not null; false: the same as `absent: true`."""
    absent: bool | None = None
    """true: the field is not there; false: the same as `present: true`."""
    ignore_case: bool = False
    """Compare text without regard to upper and lower case."""


class SchemaRule(_Rule):
    """The whole reply is JSON that a JSON Schema accepts."""

    json_schema: str | dict[str, Json]
    """A file, relative to the golden set, or the schema itself."""
    parse: ParseTier = ParseTier.STRICT
    """How far parsing may go; anything past strict is a repair event."""


class Number(Document):
    """A number that the reply states."""

    equals: float
    """The number that is right."""
    tolerance: Annotated[float, Field(ge=0)] = 0.0
    """How far from it the reply may be."""
    extract: str | None = None
    """An RE2 regular expression whose first group (or whole match) is the number; else the last number."""


class NumericRule(_Rule):
    """A number in the reply is right."""

    numeric: Number
    """The number, and how it is found."""


class Posture(StrEnum):
    """How far the suggested steps may go."""

    READ_ONLY = "read_only"


class PostureRule(_Rule):
    """No suggested step acts: the words and tools are in the policy's `posture`."""

    posture: Posture
    """`read_only`: no step acts."""
    field: Identifier | None = None
    """Where the steps stand in the reply; without it, the tool calls (and the text, if there are none)."""
    parse: ParseTier = ParseTier.STRICT
    """How far parsing may go; anything past strict is a repair event."""


class ToolCalls(Document):
    """Which tools a reply may call."""

    allow: tuple[str, ...] | None = None
    """Only these."""
    deny: tuple[str, ...] = ()
    """None of these."""
    require: tuple[str, ...] = ()
    """Each of these, at least once."""
    read_only: bool = False
    """Only tools that the policy's `posture` knows to be read-only."""

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if self.allow is None and not self.deny and not self.require and not self.read_only:
            raise ValueError("asks for nothing; expected allow, deny, require or read_only: true")
        return self


class ToolRule(_Rule):
    """The tool calls of the reply are the right ones."""

    tool_calls: ToolCalls
    """Which tools may, must and must not be called."""


class OutcomeRule(_Rule):
    """The reply's outcome class is this one; `labels.outcome` wins over detection."""

    outcome: OutcomeClass
    """The class that the reply must have."""


class LabelRule(_Rule):
    """A grade stored with the reply by another harness or a person; a missing grade is not measured."""

    label: Identifier
    """Name of the grade among the reply's `labels`."""
    equals: Json = None
    """The grade is exactly this, type included."""
    one_of: tuple[Json, ...] | None = None
    """The grade is one of these."""
    at_least: float | None = None
    """The grade is a number of at least this."""
    at_most: float | None = None
    """The grade is a number of at most this."""


class SimilarityRule(_Rule):
    """The reply is close to a text."""

    similar_to: str
    """The text."""
    at_least: Share
    """Least similarity, 0 to 1."""
    by: SimilarityMethod = SimilarityMethod.RATIO
    """How similarity is measured."""


class CelRule(_Rule):
    """A CEL expression over `reply`, `case` and `json` that must be true."""

    rule: str
    """The expression; anything but true is a failure."""


class JudgeRule(_Rule):
    """A model judge with a pinned rubric; not measured until a judge has run."""

    judge: Identifier
    """Name of a rubric of the set."""
    at_least: float | None = None
    """Least grade that passes."""
    pairwise: bool = False
    """true: the judge compares both arms' replies, in both orders; the one that loses both times fails."""

    @model_validator(mode="after")
    def _asks_one_question(self) -> Self:
        if (self.at_least is None) is not self.pairwise:
            raise ValueError("expected either `at_least: GRADE` or `pairwise: true`")
        return self


class Approval(StrEnum):
    """What people must say of a reply."""

    APPROVE = "approve"


class ReviewRule(_Rule):
    """What people said of exactly this reply in a blind review; not measured until the release names the review."""

    review: Approval
    """`approve`: they agree to approve it; modify, reject and escalate fail."""


class PythonRule(_Rule):
    """User code; not measured unless it is allowed to run."""

    python: Annotated[str, Field(pattern=r"^[\w.]+:[\w.]+$")]
    """`module:function`."""


class Limit(Document):
    """An upper limit of a measured quantity."""

    at_most: Annotated[float, Field(ge=0)]
    """The limit."""


class LatencyRule(_Rule):
    """The reply was fast enough; a missing time is not measured."""

    latency_ms: Limit
    """Limit of the response time, in milliseconds."""


class CostRule(_Rule):
    """The reply was cheap enough; a missing cost is not measured."""

    cost_usd: Limit
    """Limit of the cost, in USD."""


_BY_KEY = {
    "field": "field",
    "label": "label",
    "json_schema": "schema",
    "numeric": "numeric",
    "tool_calls": "tools",
    "outcome": "outcome",
    "similar_to": "similarity",
    "rule": "rule",
    "judge": "judge",
    "review": "review",
    "python": "python",
    "latency_ms": "latency",
    "cost_usd": "cost",
    "equals": "text",
    "one_of": "text",
    "matches": "text",
    "must_include": "text",
    "must_not_include": "text",
}


def _family(value: object) -> str | None:
    keys = set(value) if isinstance(value, dict) else getattr(value, "model_fields_set", set[str]())
    if "posture" in keys:
        return "<posture>"
    return next((f"<{family}>" for key, family in _BY_KEY.items() if key in keys), None)


Expectation = Annotated[
    Annotated[TextRule, Tag("<text>")]
    | Annotated[FieldRule, Tag("<field>")]
    | Annotated[SchemaRule, Tag("<schema>")]
    | Annotated[NumericRule, Tag("<numeric>")]
    | Annotated[PostureRule, Tag("<posture>")]
    | Annotated[ToolRule, Tag("<tools>")]
    | Annotated[OutcomeRule, Tag("<outcome>")]
    | Annotated[LabelRule, Tag("<label>")]
    | Annotated[SimilarityRule, Tag("<similarity>")]
    | Annotated[CelRule, Tag("<rule>")]
    | Annotated[JudgeRule, Tag("<judge>")]
    | Annotated[ReviewRule, Tag("<review>")]
    | Annotated[PythonRule, Tag("<python>")]
    | Annotated[LatencyRule, Tag("<latency>")]
    | Annotated[CostRule, Tag("<cost>")],
    Discriminator(
        _family,
        custom_error_type="unknown_rule",
        custom_error_message="not a known rule; expected one of equals, one_of, matches, must_include, must_not_include, "
        "field, json_schema, numeric, posture, tool_calls, outcome, label, similar_to, rule, judge, review, python, latency_ms, cost_usd",
    ),
]
"""One rule that a reply must meet."""
