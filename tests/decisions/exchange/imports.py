"""Runs imports for tests: real files in, real logs out."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from hitl.decisions.decision import Decision
from hitl.decisions.exchange.importing import Imported, ImportPlan, import_log
from hitl.decisions.exchange.shape import Shape
from hitl.decisions.mapping import LogColumns

EXPORTS = Path(__file__).parent / "exports"
AT = datetime(2026, 11, 1, tzinfo=UTC)
TRACE, SPAN = "5b8efff798038103d269b633813fc60c", "eee19b7ec3c1b174"

Rows = list[dict[str, object]]


def run(
    files: list[str | Path], shape: Shape, folder: Path, mapping: LogColumns | None = None
) -> tuple[Imported, Rows]:
    """Import into a folder; every row is a `Decision` by the document's own rules."""
    out = folder / "log.jsonl"
    names = [str(EXPORTS / name) if isinstance(name, str) else str(name) for name in files]
    imported = import_log(names, ImportPlan(shape, AT, mapping or LogColumns()), out)
    lines = out.read_text().splitlines() if out.exists() else []
    for line in lines:
        Decision.model_validate_json(line)
    return imported, [json.loads(line) for line in lines]


def typed(value: object) -> dict[str, object]:
    """Return an attribute value as OTLP writes it."""
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    return {"doubleValue": value} if isinstance(value, float) else {"stringValue": value}


def span(attributes: Mapping[str, object], **changed: object) -> dict[str, object]:
    """Return a chat span of a second's length."""
    attributes = {"gen_ai.operation.name": "chat", **attributes}
    return {
        "traceId": TRACE,
        "spanId": SPAN,
        "name": "chat",
        "startTimeUnixNano": "1777630500000000000",
        "endTimeUnixNano": "1777630501000000000",
        "attributes": [{"key": name, "value": typed(value)} for name, value in attributes.items()],
        **changed,
    }


def otlp(*spans: dict[str, object]) -> dict[str, object]:
    """Return spans as one OTLP document."""
    return {"resourceSpans": [{"resource": {}, "scopeSpans": [{"spans": list(spans)}]}]}


def lines(path: Path, *records: object) -> Path:
    """Write JSON lines."""
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def refused(imported: Imported) -> str:
    """Return every refusal, and check that nothing was written because of them."""
    assert not imported.is_written
    return "\n".join(map(str, imported.refusals))
