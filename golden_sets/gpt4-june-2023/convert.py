"""Rebuild this golden set and its recorded replies from the converted LLMDrift data.

    python golden_sets/gpt4-june-2023/convert.py SOURCE

SOURCE holds `cases.jsonl.gz`, `prime.gpt4.jsonl.gz` and `leetcode.gpt4.jsonl.gz`. The same source
gives the same bytes.
"""

import gzip
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from hitl.document.write import gzip_bytes, write_all

HERE = Path(__file__).parent
MODELS = ("gpt-4-0314", "gpt-4-0613")

Row = dict[str, object]


def read_rows(path: Path) -> list[Row]:
    """Read a gzipped JSON lines file."""
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        return [json.loads(line) for line in stream]


def jsonl(rows: list[Row]) -> bytes:
    """Write rows as gzipped JSON lines."""
    lines = (json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in rows)
    return gzip_bytes("".join(lines).encode())


def code_case(row: Row) -> Row:
    """Make a programming problem a case: its number and title, for the statement is not ours to give."""
    name = str(row["case_id"]).removeprefix("leetcode:")
    return {"id": row["case_id"], "input": f"LeetCode problem {name}, answered with code only"}


def prime_case(row: Row) -> Row:
    """Make a prime question a case."""
    return {
        "id": row["case_id"],
        "input": row["prompt"],
        "reference": row["reference"],
        "slices": {"kind": row["subgroup"]},
    }


def reply(row: Row) -> Row:
    """Make a source row a reply."""
    labels: Row = {"passed": row["passed"]}
    if "submit_fences_removed" in row:
        labels["passed_without_fence"] = row["submit_fences_removed"] == "accepted"
    at = datetime.strptime(str(row["timestamp"]), "%m/%d/%Y, %H:%M:%S").replace(tzinfo=UTC)
    return {
        "case_id": row["case_id"],
        "text": row["output"],
        "declared_model": row["model_version"],
        "latency_ms": round(float(str(row["latency_s"])) * 1000, 3),
        "output_tokens": row["output_tokens"],
        "cost_usd": row["cost_usd"],
        "labels": labels,
        "at": at.isoformat().replace("+00:00", "Z"),
    }


def build(source: Path) -> dict[str, bytes]:
    """Return every file that this script makes, by name."""
    cases = read_rows(source / "cases.jsonl.gz")
    rows = read_rows(source / "leetcode.gpt4.jsonl.gz") + read_rows(source / "prime.gpt4.jsonl.gz")
    files = {
        "code.jsonl.gz": jsonl([code_case(row) for row in cases if row["task"] == "leetcode"]),
        "primes.jsonl.gz": jsonl([prime_case(row) for row in cases if row["task"] == "prime"]),
    }
    for model in MODELS:
        chosen = [reply(row) for row in rows if row["model_version"] == model]
        files[f"replies/{model}.jsonl.gz"] = jsonl(chosen)
    return files


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    write_all(HERE, build(Path(sys.argv[1])))
