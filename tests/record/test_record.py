"""The release record: the same inputs, the same bytes; nothing changed in silence; nothing left out."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hitl.cli.live import RunOptions
from hitl.cli.session import gate_release
from hitl.digest import digest_bytes
from hitl.document.load import parse_document
from hitl.errors import DocumentError
from hitl.record.release import UNSEALED, ReleaseRecord
from hitl.record.store import load_record, record_bytes
from tests.promised import FIELDS, SUBSET_FIELDS


def a_workspace(folder: Path) -> Path:
    """Write a release in which something of everything happened."""
    folder.mkdir(parents=True)
    cases = [
        {"id": f"c{n}", "input": f"question {n}", "slices": {"kind": "odd" if n % 2 else "even"},
         "zero_tolerance": n == 0, "severity": "critical" if n == 1 else "medium"}
        for n in range(80)
    ]  # fmt: skip
    arms: dict[str, list[dict[str, Any]]] = {"previous": [], "candidate": []}
    for arm, rows in arms.items():
        for n in range(80):
            for repeat in range(2):
                bad = (arm == "candidate" and n < 9) or (n == 40 and repeat)
                text = '```json\n{"a": 1}\n```' if bad else '{"a": 1}'
                rows.append({"case_id": f"c{n}", "repeat": repeat, "text": text, "latency_ms": 100 + n,
                             "cost_usd": 0.001, "output_tokens": 5,
                             "resolved_model": f"model-{arm}"})  # fmt: skip
    golden = {
        "format": "hitl/golden-set/v1", "id": "made-up", "version": "1", "workflow_id": "w",
        "subsets": [{"id": "main", "behavior": "structure", "cases": "cases.jsonl",
                     "expect": [{"field": "a", "equals": 1}]}],
    }  # fmt: skip
    release = {
        "format": "hitl/release/v1", "release_id": "made-up", "workflow_id": "w", "route_id": "w/default",
        "change_surface": "model", "release_owner": {"name": "Owner", "contact": "o@example.com"},
        "golden_set": "set.json",
        "previous_model": {"id": "model-previous", "provider": "recorded", "replies": "previous.jsonl"},
        "candidate_model": {"id": "model-candidate", "provider": "recorded", "replies": "candidate.jsonl"},
        "alias_resolution": {"alias": "model-latest", "expected": "model-candidate"},
        "repeats": 2, "required_eval_subsets": ["main"],
        "gate_classes": [
            {"subset": "main", "authority": "block"},
            {"subset": "main", "authority": "signal", "metric": "latency_ms", "max_ratio": 1.2},
        ],
        "expected_deltas": [{"measure": "pass_rate", "subset": "main", "direction": "up"}],
        "waivers": [{"subset": "main", "owner": "Someone", "reason": "for the time being",
                     "expires_at": "2100-01-01T00:00:00Z"}],
        "rollout_scope": {"kind": "full"}, "rollback_rule": {"to": "model-previous", "when": "any"},
        "trace_fields": ["resolved_model"],
    }  # fmt: skip
    for name, rows in {"cases": cases, **arms}.items():
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "set.json").write_text(json.dumps(golden))
    (folder / "release.json").write_text(json.dumps(release))
    return folder / "release.json"


def gate(folder: Path, out: Path) -> Path:
    _, where = gate_release(folder / "release.json", RunOptions(out=out))
    return where


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("release") / "work"
    a_workspace(folder)
    return gate(folder, folder / "reports")


@pytest.fixture(scope="module")
def content(here: Path) -> bytes:
    return (here / "record.json").read_bytes()


@pytest.fixture(scope="module")
def data(content: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(content)
    return found


@pytest.mark.parametrize("field", FIELDS)
def test_every_field_of_the_format_is_there(data: dict[str, Any], field: str) -> None:
    assert field in data


@pytest.mark.parametrize("field", SUBSET_FIELDS)
def test_every_field_of_a_subset_is_there(data: dict[str, Any], field: str) -> None:
    assert all(field in subset for subset in data["subsets"])


def test_the_parts_have_the_fields_that_the_format_names(data: dict[str, Any]) -> None:
    (subset,) = data["subsets"]

    assert {"code", "subset", "authority", "message"} <= set(data["reasons"][0])
    assert {"declared", "resolved", "params"} <= set(data["candidate_model"])
    assert {"n_passed", "n", "rate"} <= set(subset["previous"])
    assert {"estimate", "low", "high", "confidence", "method"} <= set(subset["difference"])
    assert {"rule", "value", "limit", "state"} <= set(subset["rules"][0])
    assert {"declared", "measured", "met"} <= set(data["expected_deltas"][0])
    assert {"path", "sha256", "bytes"} <= set(data["evidence"][0])
    assert {"python", "hitl", "packages", "git_revision"} <= set(data["environment"])
    assert {part["id"] for part in subset["slices"]} == {"kind=even", "kind=odd"}


def test_no_interval_stands_without_its_n(data: dict[str, Any]) -> None:
    def intervals(value: Any) -> list[dict[str, Any]]:  # noqa: ANN401  # JSON
        if isinstance(value, list):
            return [found for child in value for found in intervals(child)]
        if not isinstance(value, dict):
            return []
        own = [value] if {"low", "high"} <= set(value) else []
        return own + [found for child in value.values() for found in intervals(child)]

    parts = intervals({name: value for name, value in data.items() if name != "expected_deltas"})
    assert len(parts) > 10
    assert all("n" in part for part in parts)


def test_the_evidence_names_every_input_by_its_digest(data: dict[str, Any], here: Path) -> None:
    folder = here.parents[1]

    named = {part["path"]: part for part in data["evidence"]}
    assert set(named) == {
        "release.json",
        "set.json",
        "cases.jsonl",
        "previous.jsonl",
        "candidate.jsonl",
    }
    for path, part in named.items():
        assert part["sha256"] == digest_bytes((folder / path).read_bytes())
        assert part["bytes"] == (folder / path).stat().st_size


def test_everything_that_belongs_beside_the_record_is_there(here: Path) -> None:
    files = {str(path.relative_to(here)) for path in here.rglob("*") if path.is_file()}

    assert files == {
        "record.json",
        "index.html",
        "record.md",
        "junit.xml",
        "evidence/previous.jsonl.gz",
        "evidence/candidate.jsonl.gz",
    }


def test_the_same_inputs_give_the_same_bytes_wherever_they_stand(
    here: Path, data: dict[str, Any], tmp_path: Path
) -> None:
    a_workspace(tmp_path / "elsewhere" / "deeper")
    other = gate(tmp_path / "elsewhere" / "deeper", tmp_path / "out")

    again = json.loads((other / "record.json").read_bytes())
    for name in UNSEALED - {"digest"}:
        data, again = ({k: v for k, v in part.items() if k != name} for part in (data, again))
    assert json.dumps(again) == json.dumps(data)
    for arm in ("previous", "candidate"):
        copies = [
            (folder / "evidence" / f"{arm}.jsonl.gz").read_bytes() for folder in (here, other)
        ]
        assert copies[0] == copies[1]


def test_the_order_of_the_files_changes_no_finding(data: dict[str, Any], tmp_path: Path) -> None:
    folder = tmp_path / "work"
    a_workspace(folder)
    for name in ("cases", "previous", "candidate"):
        rows = (folder / f"{name}.jsonl").read_text().splitlines(keepends=True)
        order = np.random.default_rng(1).permutation(len(rows))
        (folder / f"{name}.jsonl").write_text("".join(rows[row] for row in order))

    again = json.loads((gate(folder, tmp_path / "out") / "record.json").read_bytes())

    may_differ = {*UNSEALED, "evidence"}
    assert {k: v for k, v in again.items() if k not in may_differ} == {
        k: v for k, v in data.items() if k not in may_differ
    }


def test_a_record_survives_write_read_write_byte_for_byte(here: Path, content: bytes) -> None:
    assert record_bytes(load_record(here)) == content
    assert record_bytes(load_record(here / "record.json")) == content


def test_a_record_of_another_time_and_place_keeps_its_digest(here: Path) -> None:
    record = load_record(here)

    other = record.model_copy(
        update={"created_at": datetime(2030, 1, 1, tzinfo=UTC), "environment": {}}
    )

    assert other.sealed().digest == record.digest
    assert record.model_copy(update={"seed": 1}).sealed().digest != record.digest


def test_one_flipped_bit_anywhere_is_refused_or_changes_nothing(content: bytes) -> None:
    record = parse_document(content, Path("record.json"), ReleaseRecord)
    chance = np.random.default_rng(7)
    refused = 0

    for at in chance.choice(len(content), 150, replace=False):
        flipped = bytearray(content)
        flipped[at] ^= 1 << int(chance.integers(8))
        try:
            other = parse_document(bytes(flipped), Path("record.json"), ReleaseRecord)
        except DocumentError:
            refused += 1
            continue
        if other.digest != other.compute_digest():
            refused += 1
            continue
        kept = set(ReleaseRecord.model_fields) - UNSEALED
        assert other.model_dump(include=kept) == record.model_dump(include=kept)

    assert refused > 100


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param('"verdict": "hold"', '"verdict": "ship"', id="the verdict"),
        pytest.param('"exit_code": 10', '"exit_code": 0', id="the exit code"),
        pytest.param('"regressed": 9', '"regressed": 0', id="a count"),
        pytest.param('"seed": 0', '"seed": 1', id="the seed"),
        pytest.param('"conditions": []', '"conditions": null', id="a list"),
        pytest.param("{\n", '{\n "extra": 1,\n', id="a field more"),
    ],
)
def test_a_record_that_was_changed_by_hand_is_refused(
    content: bytes, tmp_path: Path, old: str, new: str
) -> None:
    assert old.encode() in content
    (tmp_path / "record.json").write_bytes(content.replace(old.encode(), new.encode(), 1))

    with pytest.raises(DocumentError):
        load_record(tmp_path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"\0",
        b'{"format": "hitl/record/v1"}',
        b'{"format": "hitl/release/v1"}',
    ],
)
def test_what_is_no_record_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "record.json").write_bytes(content)

    with pytest.raises(DocumentError):
        load_record(tmp_path)


def test_the_record_says_what_happened(data: dict[str, Any]) -> None:
    (subset,) = data["subsets"]

    assert (data["verdict"], data["exit_code"]) == ("hold", 10)
    assert (subset["n_cases"], subset["regressed"], subset["improved"]) == (80, 9, 0)
    assert subset["flaky_cases"] == ["c40"]
    assert subset["repair_events"]["candidate"] == {"fenced": 19}
    assert [row["case_id"] for row in data["failures"]][:2] == ["c0", "c1"]
    assert data["waivers"][0]["status"] == "not_applicable"
    assert data["expected_deltas"][0]["met"] is False
    assert data["alias_resolution"]["holds"] is True


def test_the_copies_of_the_replies_grade_as_the_originals_did(here: Path, tmp_path: Path) -> None:
    a_workspace(tmp_path / "work")
    for arm in ("previous", "candidate"):
        (tmp_path / "work" / f"{arm}.jsonl").unlink()
        kept = (here / "evidence" / f"{arm}.jsonl.gz").read_bytes()
        (tmp_path / "work" / f"{arm}.jsonl.gz").write_bytes(kept)
    release = tmp_path / "work" / "release.json"
    release.write_text(release.read_text().replace('.jsonl"', '.jsonl.gz"'))

    again = load_record(gate(tmp_path / "work", tmp_path / "out"))

    assert again.subsets == load_record(here).subsets
