"""What the rules of a policy ask for, and how rows of a log become what they are asked about."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hitl.decisions.rows import Batch, Staged, blanked
from hitl.decisions.schema import BY_NAME
from hitl.document.lines import strict_json
from hitl.policy.decision import RESERVED, as_moment
from hitl.policy.expression import NAMED, fields_of, names_all_fields
from hitl.policy.lane import LaneRules
from hitl.policy.schema import Policy

Flags = npt.NDArray[np.bool_]
_CONTENT = "content."
_ALWAYS = ("decision_id", "at", "action_type", "confidence", "risk")
_SINCE = "model_active_since"
_UNTYPED = (_SINCE, "failure")
_DERIVED = {"model_age_days": ("model_active_since", "at")}


@dataclass(frozen=True, slots=True)
class RuleFields:
    """The fields that one rule or indicator asks for."""

    name: str
    """As in the reasons of a lane: `dynamic_risk:1`, `indicator:young-model`."""
    place: int
    is_indicator: bool
    fields: tuple[str, ...]


def rule_fields(rules: LaneRules) -> tuple[RuleFields, ...]:
    """Return every rule that asks for fields."""
    found = [
        RuleFields(f"dynamic_risk:{place + 1}", place, False, _spread(fields_of(rule.when)))
        for place, rule in enumerate(rules.dynamic_risk)
    ]
    for place, one in enumerate(rules.indicators):
        fields = list(fields_of(one.when)) if one.when is not None else []
        fields += ["model_age_days"] if one.model_younger_than_days is not None else []
        fields += ["output_format"] if one.new_output_format is not None else []
        fields += [one.unusual_length.of] if one.unusual_length is not None else []
        found.append(RuleFields(f"indicator:{one.name(place)}", place, True, _spread(fields)))
    return tuple(one for one in found if one.fields)


def typed_fields(rules: LaneRules) -> tuple[str, ...]:
    """Return hitl's columns that a policy's lanes may depend on.

    These are the ones that rules name; all of them where a rule may look at more than it names.
    """
    rules_in_cel = [rule.when for rule in rules.dynamic_risk]
    rules_in_cel += [one.when for one in rules.indicators if one.when is not None]
    if not all(map(names_all_fields, rules_in_cel)):
        return tuple(name for name in NAMED if name in BY_NAME)
    asked = [field for rule in rule_fields(rules) for field in rule.fields if field in BY_NAME]
    model = ["resolved_model"] if rules.calibrator else []
    return tuple(dict.fromkeys((*_ALWAYS, *model, *(name for name in asked if name in NAMED))))


def own_fields(rules: LaneRules) -> tuple[str, ...]:
    """Return the names under which a log may hold, beside hitl's columns, what a policy asks for."""
    asked = dict.fromkeys(field for rule in rule_fields(rules) for field in rule.fields)
    places = [place for field in (*_UNTYPED, *asked) for place in _places(field)]
    return tuple(dict.fromkeys(place for place in places if place not in BY_NAME))


def lacked_fields(rule: RuleFields, staged: Staged) -> tuple[str, ...]:
    """Return the fields of a rule of which no row of the log has a value."""
    present = {*staged.known, *(name for name in staged.log.present if name in staged.columns)}
    return tuple(field for field in rule.fields if present.isdisjoint(_places(field)))


def without_rules(policy: Policy, rules: Sequence[RuleFields]) -> Policy:
    """Return a policy without some of its rules; everything else, the audit draw too, stays."""
    gone = {(one.is_indicator, one.place) for one in rules}
    dynamic = [one for place, one in enumerate(policy.dynamic_risk) if (False, place) not in gone]
    kept = [one for place, one in enumerate(policy.risk_indicators) if (True, place) not in gone]
    return policy.model_copy(update={"dynamic_risk": tuple(dynamic), "risk_indicators": tuple(kept)})  # fmt: skip


def policy_columns(batch: Batch) -> Mapping[str, npt.NDArray[np.object_]]:
    """Return a batch as the columns that a policy is asked about; `content.x` stands as `x` in the content."""
    found: dict[str, npt.NDArray[np.object_]] = {}
    for name, values in batch.items():
        if not name.startswith(_CONTENT) and (name in NAMED or name not in BY_NAME):
            found["at" if name == "at_us" else name] = _asked(name, values)
    for name in batch:
        plain = name.removeprefix(_CONTENT)
        if plain != name and plain in RESERVED:
            found["content"] = _nested(plain, batch[name], found.get("content"))
        elif plain != name:
            found[plain] = _filled(batch[name], found.get(plain))
    return found


def _asked(name: str, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    if name == "content":
        return _objects([_parsed(value) for value in values])
    if name == _SINCE:
        return _moments(values)
    if values.dtype.kind != "f":
        return values
    # Of NaN every rule says that it cannot be evaluated, those that ask for something else too.
    missing = np.isnan(values)
    return blanked(values, missing) if name != "confidence" or missing.any() else values


def missing_rows(batch: Batch, columns: Mapping[str, npt.NDArray[np.object_]], field: str) -> Flags:
    """Return in which rows a field has no value."""
    size = len(batch["at_us"])
    is_missing = np.ones(size, dtype=bool)
    for place in _places(field):
        name = f"{place}_us" if place == "at" else place
        if place == "content" and place in columns:
            key = field.removeprefix(_CONTENT)
            is_missing &= _flags(not isinstance(one, dict) or one.get(key) is None for one in columns[place])  # fmt: skip
        elif place == _SINCE and place in columns:
            is_missing &= _blank(columns[place])
        elif name in batch:
            is_missing &= _blank(batch[name])
    return is_missing


def _filled(
    values: npt.NDArray[np.object_], others: npt.NDArray[np.object_] | None
) -> npt.NDArray[np.object_]:
    """Return values, and others where there is none."""
    return values if others is None else np.where(_blank(values), others, values)


def _nested(
    name: str, values: npt.NDArray[np.object_], contents: npt.NDArray[np.object_] | None
) -> npt.NDArray[np.object_]:
    """Return contents with a value more; its name is a field of the log's, for which content never stands in."""
    inner = [None] * len(values) if contents is None else contents.tolist()
    return _objects([
        old if value is None else {**(old if isinstance(old, dict) else {}), name: value}
        for value, old in zip(values.tolist(), inner, strict=True)
    ])  # fmt: skip


def _moments(values: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Return times; what is none, or has no zone, is not known."""
    read = {value: as_moment(value) for value in set(values.tolist())}
    return _objects([read[value] for value in values.tolist()])


def _spread(fields: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part for field in fields for part in _DERIVED.get(field, (field,))))


def _places(field: str) -> tuple[str, ...]:
    """Return the columns in which a field may stand."""
    if field in NAMED:
        return (field,)
    name = field.removeprefix(_CONTENT)
    return (f"{_CONTENT}{name}", *(() if name in BY_NAME else (name,)), "content")


def _parsed(value: object) -> object:
    try:
        found = strict_json(value) if isinstance(value, str) else None
        found = strict_json(found) if isinstance(found, str) else found
    except ValueError:
        return None
    if not isinstance(found, dict):
        return found
    # Structures of a table write what they lack as null, and null is unequal to everything.
    return {name: inner for name, inner in found.items() if inner is not None}


def _objects(values: Sequence[object]) -> npt.NDArray[np.object_]:
    found = np.empty(len(values), dtype=object)
    for place, value in enumerate(values):
        found[place] = value
    return found


def _blank(values: npt.NDArray[np.object_]) -> Flags:
    match values.dtype.kind:
        case "f":
            return np.isnan(values.astype(np.float64))
        case "M":
            return np.isnat(values)
        case _:
            return _flags(value is None for value in values)


def _flags(values: Iterator[bool]) -> Flags:
    return np.fromiter(values, dtype=bool)
