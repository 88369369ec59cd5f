"""The page of file formats, from the JSON Schemas of the documents."""

import json
from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]

_INTRODUCTION = """\
# File formats

Generated from the documents in the code by `docs/generate.py`; the same as the JSON Schemas in
[`schemas/`](schemas/). Every document refuses unknown fields. Every mistake of a file is reported at
once, as `file:line: field: what is wrong; what is expected`. Paths are relative to the file that names
them. Text fields keep what is written: the version `1.10` is never 1.1.

YAML is read by the 1.2 core schema: `yes`, `no`, `on`, dates and times are text, a key that stands
twice is an error, tags are refused. JSON must be strict: no repeated key, no `NaN`.

A file can name its schema in its first line, and editors then complete and check it:

```yaml
# yaml-language-server: $schema=../../docs/schemas/release.json
```

`hitl init` writes the schemas to `.hitl/schemas/` and names them in the files that it writes.

How to read the tables: a field without a default is required. *name* is text without control
characters and without space at its ends; *slug* is a name of letters, digits, dot, dash and underscore,
because it also names a folder.
"""

_FILES = {
    "golden-set": (
        "Golden set",
        "`golden_sets/<name>/set.yaml`. The cases stand in it or in JSON lines beside it.",
    ),
    "case": ("Case", "One line of a cases file (`.jsonl`, `.jsonl.gz`)."),
    "release": ("Release manifest", "`manifests/<name>/release.yaml`: one file a change."),
    "policy": (
        "Policy",
        "`policy.yaml`. The gate reads `posture` and `redact`, `hitl plan` reads `action_types`; lanes (`hitl policy check`, `Policy.lane`) come from the rest; `targets` and `log` are read by `hitl baseline`, `timeouts` by `hitl policy replay`.",
    ),
    "reply": (
        "Reply",
        "One line of a replies file (`.jsonl`, `.jsonl.gz`), and what a journal keeps.",
    ),
    "decision": (
        "Decision",
        "One row of a decision log, here as a line of JSON lines; Parquet, CSV and tables have the same columns. No column is required; what a missing one forbids is said by `hitl log lint`.",
    ),
    "mapping": (
        "Mapping",
        "`mapping.yaml`, or the same under `log` in a policy: how the columns and words of another log become these.",
    ),
    "script": ("Script", "How a scripted model answers."),
    "judge-certificate": (
        "Judge certificate",
        "Written by `hitl golden judge-check --out`. Everything but who, when and the counts follows from the counts, and is concluded anew when it is read.",
    ),
    "baseline": ("Baseline", "`baseline.json`, written by `hitl baseline`."),
    "log-comparison": ("Log comparison", "`comparison.json`, written by `hitl log compare --out`."),
    "policy-replay": ("Policy replay", "What `hitl policy replay --json` prints."),
    "policy-capacity": ("Policy capacity", "What `hitl policy capacity --json` prints."),
    "policy-advice": ("Policy advice", "What `hitl policy advise --json` prints."),
    "recalibration": (
        "Recalibration",
        "`recalibration.json`, written by `hitl recalibrate`. A release names it under `recalibration`.",
    ),
    "threshold-certificates": (
        "Threshold certificates",
        "`<policy>.certificates.json` beside the policy, written by `hitl recalibrate --write`: what its thresholds stand on.",
    ),
    "calibrator": (
        "Calibrator",
        "Written by `hitl recalibrate --calibrator`. A policy names it under `calibrator`; the confidence of its model goes through it before any threshold.",
    ),
    "record": ("Release record", "`reports/<release_id>/record.json`, written by `hitl gate`."),
    "ticket": ("Ticket", "What `hitl handover ticket --json` prints."),
    "escalation": ("Escalation", "What `hitl handover escalation --json` prints."),
    "sign-off": ("Sign-off", "What `hitl handover signoff --json` prints."),
    "evidence-bundle": (
        "Evidence bundle",
        "`evidence.json`, written beside a ticket, an escalation or a sign-off with `--out`.",
    ),
    "review": (
        "Review",
        "`review.json` in the folder that `hitl review pack` writes: what was declared before any vote, and a digest of all that reviewers get.",
    ),
    "packet": ("Packet", "`packets/<reviewer>.json`: what one reviewer is shown."),
    "known-item": (
        "Known item",
        "One line of a qualification file (`.jsonl`, `.jsonl.gz`): `hitl review pack --qualification`.",
    ),
    "invitations": (
        "Invitations",
        "`invitations.json`: access tokens, readable by its owner alone. Hand them out, then delete it.",
    ),
    "review-key": (
        "Review key",
        "What `key.sealed` holds, encrypted (AES-256-GCM) under the shares of all reviewers together.",
    ),
    "ballot": (
        "Ballot",
        "`ballots/<reviewer>.json`, written when a reviewer locks: by `hitl review serve`, or by a page without a server.",
    ),
    "withdrawal": (
        "Withdrawal",
        "`withdrawals/<reviewer>.json`, written by `hitl review merge --without`.",
    ),
    "ratings": (
        "Ratings",
        "`ratings.json`, written by `hitl review merge`. For people and programs to read: a gate counts the ballots anew.",
    ),
    "agreement": ("Agreement", "What `hitl review agree --json` prints."),
    "reviewers": (
        "Reviewers",
        "`reviewers.json`, written by `hitl review reviewers --out`, and what `--json` prints.",
    ),
}


def formats_page(schemas: dict[str, Schema]) -> str:
    """Return the whole page; a part that several documents share is described once."""
    parts = [_INTRODUCTION, _contents()]
    told: set[str] = set()  # with their content: parts of two documents may share a name
    for name, (title, place) in _FILES.items():
        schema = schemas[name]
        parts.append(
            f"## {title}\n\n{place}\nSchema: [`schemas/{name}.json`](schemas/{name}.json)."
        )
        if (whole := _described(schema, level=3)) not in told:
            parts.append(whole)
            told.add(whole)
        else:
            parts.append(f"Described under [{schema['title']}](#{schema['title'].lower()}).")
        for part, inner in sorted(schema.get("$defs", {}).items()):
            if part != "JsonValue" and (text := _described(inner, level=3)) not in told:
                parts.append(text)
                told.add(text)
        if name == "golden-set":
            parts.append(_expectation(schema))
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _contents() -> str:
    links = (f"[{title}](#{title.lower().replace(' ', '-')})" for title, _ in _FILES.values())
    return "On this page: " + " · ".join(links) + " · [expectations](#expectation)."


def _described(schema: Schema, level: int) -> str:
    title = schema["title"]
    head = f"{'#' * level} {title}\n\n{_flat(schema.get('description', ''))}"
    if "enum" in schema:
        return f"{head}\n\nOne of {_codes(schema['enum'])}."
    rows = [
        f"| `{name}` | {words(field)} | {_default(name, field, schema)} | {_flat(field.get('description', ''))} |"
        for name, field in schema.get("properties", {}).items()
    ]
    return "\n".join([head, "", "| field | type | default | meaning |", "|---|---|---|---|", *rows])


def _expectation(schema: Schema) -> str:
    union = schema["$defs"]["Case"]["properties"]["expect"]["items"]["oneOf"]
    links = ", ".join(words(part) for part in union)
    return (
        "### Expectation\n\nOne rule that a reply must meet; all that one rule says must hold. "
        f"Which family a rule belongs to is read from its keys.\n\nOne of {links}."
    )


def words(schema: Schema) -> str:
    """Return a type in words."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        return "any JSON value" if name == "JsonValue" else f"[{name}](#{name.lower()})"
    if "const" in schema:
        return f"`{schema['const']}`"
    if union := schema.get("anyOf") or schema.get("oneOf"):
        if any(part.get("$ref", "").endswith("/TextRule") for part in union):
            return "[Expectation](#expectation)"
        return ", or ".join(dict.fromkeys(words(part) for part in union))
    return _BY_TYPE.get(schema.get("type", ""), lambda _: "any JSON value")(schema)


def _list(schema: Schema) -> str:
    if each := schema.get("prefixItems"):
        return f"[{'; '.join(words(part) for part in each)}]"
    least = f" (at least {schema['minItems']})" if schema.get("minItems") else ""
    return f"list of {words(schema.get('items', {}))}{least}"


def _mapping(schema: Schema) -> str:
    by_pattern = list(schema.get("patternProperties", {}).values())
    inner = by_pattern[0] if by_pattern else schema.get("additionalProperties")
    return f"mapping of name to {words(inner) if isinstance(inner, dict) else 'any JSON value'}"


def _number(schema: Schema) -> str:
    kind = "number" if schema["type"] == "number" else "whole number"
    return ", ".join([kind, *_bounds(schema)])


def _text(schema: Schema) -> str:
    if schema.get("format") == "date-time":
        return "time (ISO 8601)"
    pattern = schema.get("pattern", "")
    if pattern.startswith(r"^[^\s"):
        return "name"
    if pattern.startswith("^[A-Za-z0-9][A-Za-z0-9._-]"):
        return "slug"
    if pattern:
        return f"text like `{pattern}`".replace("|", r"\|")
    least = schema.get("minLength")
    return f"text of at least {least} characters" if least and least > 1 else "text"


def _bounds(schema: Schema) -> Iterator[str]:
    marks = {
        "minimum": "at least",
        "exclusiveMinimum": "above",
        "maximum": "at most",
        "exclusiveMaximum": "below",
    }
    for key, mark in marks.items():
        if key in schema:
            yield f"{mark} {schema[key]:g}"


def _default(name: str, field: Schema, schema: Schema) -> str:
    if name in schema.get("required", ()):
        return ""
    if "default" not in field:
        return "empty" if field.get("type") in ("object", "array") else "its own defaults"
    text = json.dumps(field["default"], ensure_ascii=False)
    return f"`{text}`" if len(text) <= 60 else "the built-in list"


def _codes(values: list[str]) -> str:
    return ", ".join(f"`{value}`" for value in values)


def _flat(text: str) -> str:
    return " ".join(text.split()).replace("|", r"\|")


_BY_TYPE = {
    "array": _list,
    "object": _mapping,
    "string": _text,
    "number": _number,
    "integer": _number,
    "boolean": lambda _: "true or false",
    "null": lambda _: "null",
}
