"""A release that ships, and the ways to spoil it."""

import gzip
import json
from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from hitl.cli.door import main

N_CASES = 80
"""Enough that two arms that agree everywhere prove the margin."""

Row = dict[str, Any]


def a_case(number: int, **changes: object) -> Row:
    """Return a case whose right answer is `yes`."""
    return {
        "id": f"c{number:03}",
        "input": f"question {number}",
        "expect": [{"equals": "yes"}],
    } | changes


def a_reply(number: int, **changes: object) -> Row:
    """Return a right reply; a value of None takes the field away."""
    row = {"case_id": f"c{number:03}", "text": "yes", "latency_ms": 100.0 + number} | changes
    return {name: value for name, value in row.items() if value is not None}


def a_manifest(**changes: object) -> Row:
    """Return a manifest with one blocking subset."""
    return {
        "format": "hitl/release/v1",
        "release_id": "upgrade",
        "workflow_id": "triage-v4",
        "route_id": "triage/default",
        "change_surface": "model",
        "release_owner": {"name": "Platform", "contact": "platform@example.com"},
        "golden_set": "set.yaml",
        "previous_model": {
            "id": "acme/model-2026-05-01",
            "provider": "recorded",
            "replies": "previous.jsonl",
        },
        "candidate_model": {
            "id": "acme/model-2026-05-18",
            "provider": "recorded",
            "replies": "candidate.jsonl",
        },
        "required_eval_subsets": ["core"],
        "gate_classes": [{"subset": "core", "authority": "block", "margin": 0.05}],
        "rollout_scope": {"kind": "full"},
        "rollback_rule": {"to": "acme/model-2026-05-01", "when": "any block failure"},
        "trace_fields": ["resolved_model"],
    } | changes


def a_set(**changes: object) -> Row:
    """Return a golden set of one subset, whose cases stand in a file."""
    return {
        "format": "hitl/golden-set/v1",
        "id": "small",
        "version": "1",
        "workflow_id": "triage-v4",
        "subsets": [{"id": "core", "behavior": "answers", "cases": "core.jsonl"}],
    } | changes


@dataclass
class Workspace:
    """Every file of a release, as values; `write` puts them down."""

    root: Path
    manifest: Row = field(default_factory=a_manifest)
    golden: Row = field(default_factory=a_set)
    cases: dict[str, list[Row]] = field(
        default_factory=lambda: {"core": [a_case(i) for i in range(N_CASES)]}
    )
    previous: list[Row] = field(default_factory=lambda: [a_reply(i) for i in range(N_CASES)])
    candidate: list[Row] = field(default_factory=lambda: [a_reply(i) for i in range(N_CASES)])

    @property
    def gate_class(self) -> Row:
        """The first gate class."""
        return self.manifest["gate_classes"][0]  # type: ignore[no-any-return]  # JSON

    def both(self, **changes: object) -> None:
        """Change every reply of both arms."""
        for row in (*self.previous, *self.candidate):
            row.update(changes)

    def expect(self, *rules: Row) -> None:
        """Replace what every case of the first subset expects."""
        for case in self.cases["core"]:
            case["expect"] = list(rules)

    def subset(self, name: str, start: int, size: int = N_CASES, **keys: object) -> None:
        """Add a subset of so many cases, numbered from `start`, that both arms answer rightly."""
        self.golden["subsets"].append({"id": name, "cases": f"{name}.jsonl", **keys})
        numbers = range(start, start + size)
        self.cases[name] = [a_case(i) for i in numbers]
        self.previous += [a_reply(i) for i in numbers]
        self.candidate += [a_reply(i) for i in numbers]

    def fail(self, numbers: Iterable[int], **changes: object) -> None:
        """Let the candidate answer these cases wrongly."""
        wrong = {f"c{i:03}" for i in numbers}
        for row in self.candidate:
            if row["case_id"] in wrong:
                row.update({"text": "no"} | changes)

    def write(self) -> Path:
        """Write every file and return the release manifest's path."""
        write_json(self.root / "release.yaml", self.manifest)
        write_json(self.root / "set.yaml", self.golden)
        for name, cases in self.cases.items():
            write_lines(self.root / f"{name}.jsonl", cases)
        write_lines(self.root / "previous.jsonl", self.previous)
        write_lines(self.root / "candidate.jsonl", self.candidate)
        return self.root / "release.yaml"

    def gate(self, *options: str) -> int:
        """Write the files and gate the release."""
        return main(["gate", str(self.write()), "--out", str(self.out), *options])

    @property
    def out(self) -> Path:
        """Where the records go."""
        return self.root / "reports"

    @property
    def record_path(self) -> Path:
        """Where the record stands after `gate`."""
        return self.out / str(self.manifest["release_id"]) / "record.json"

    @property
    def record(self) -> Row:
        """The record that `gate` wrote."""
        return json.loads(self.record_path.read_text())  # type: ignore[no-any-return]  # JSON

    def wrote_nothing(self) -> bool:
        """Say whether no trace of a run is there."""
        return not self.out.exists()


Spoil = Callable[[Workspace], None]
"""Changes a workspace that ships into one that must not."""


def refuse(workspace: Workspace, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """Gate files that cannot be used: exit 2, every word on stderr, no trace of a run."""
    code = workspace.gate()
    said = capsys.readouterr()
    assert code == 2, said.err
    assert said.out == ""
    assert "Traceback" not in said.err
    for word in words:
        assert word in said.err
    assert workspace.wrote_nothing()
    return said.err


def hold(workspace: Workspace, code: str) -> Row:
    """Gate a release that must not ship: exit 10, and a reason of this kind; return the record."""
    assert workspace.gate() == 10
    record = workspace.record
    assert record["verdict"] == "hold"
    assert record["exit_code"] == 10
    assert code in [reason["code"] for reason in record["reasons"]], record["reasons"]
    return record


def write_json(path: Path, value: object) -> None:
    """Write a document; JSON is YAML."""
    path.write_text(json.dumps(value, indent=1))


def write_lines(path: Path, rows: Iterable[Row]) -> None:
    """Write JSON lines."""
    content = "".join(json.dumps(row) + "\n" for row in deepcopy(list(rows)))
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(content.encode()))
    else:
        path.write_text(content)
