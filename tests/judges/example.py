"""Rebuild the synthetic labels of the incident-triage example.

    python tests/judges/example.py

Three people and a judge grade made-up triages of the thin-evidence cases, 1 to 5, in both arms. The
judge is kinder to the candidate, sometimes off by one, and once answers with something that is no grade.
Nobody graded anything: the numbers follow from the place of a case in its file.
"""

import json
from collections.abc import Iterator
from pathlib import Path

from hitl.document.write import write_atomic

ROOT = Path(__file__).parents[2]
CASES = ROOT / "golden_sets" / "incident-triage" / "cases" / "thin-evidence.jsonl"
LABELS = ROOT / "manifests" / "incident-triage" / "labels.jsonl"


def rows() -> Iterator[dict[str, object]]:
    ids = [json.loads(line)["id"] for line in CASES.read_text().splitlines()]
    for arm, shift in (("previous", 0), ("candidate", 3)):
        for number, item in enumerate(ids):
            grade = (7 * number + shift + number // 11) % 5 + 1
            other = grade - 1 if grade > 1 else 2
            yield {
                "item": item,
                "arm": arm,
                "human": [grade, grade, other if number % 4 == 0 else grade],
                "judge": _judge(grade, number, arm),
            }


def _judge(grade: int, number: int, arm: str) -> int | str:
    if arm == "previous" and number == 17:
        return "4 out of 5"
    if arm == "candidate" and grade == 3 and number % 2:
        return 4
    return max(1, grade - 1) if number % 13 == 5 else grade


def content() -> bytes:
    """Return the labels file."""
    return "".join(json.dumps(row) + "\n" for row in rows()).encode()


if __name__ == "__main__":
    write_atomic(LABELS, content())
