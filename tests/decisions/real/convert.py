"""Rebuild the real decisions of `manifests/card-game` and `manifests/code-suggestions` from the converted public data.

    python -m tests.decisions.real.convert SOURCE

SOURCE holds the folders `cardgame` and `copilot`. People become numbers, in the order of their ids. Of the card game two
columns are added that follow from others: the confidence that the AI has in its own recommendation, and whether
that was right. The same source gives the same bytes.
"""

import gzip
import json
import sys
from pathlib import Path
from typing import Any

from hitl.document.write import gzip_bytes, write_all

MANIFESTS = Path(__file__).parents[3] / "manifests"
Row = dict[str, Any]
CARD_GAME = (
    "decision_id", "item_id", "reviewer_id", "seq", "attention_check", "reviewer_failed_attention", "ai_confidence_red",
    "ai_recommendation", "human_initial", "human_confidence_red_before", "human_final", "human_confidence_red_after",
    "true_prob_red", "outcome", "points", "initial_agrees_ai", "action",
)  # fmt: skip


def read_rows(path: Path) -> list[Row]:
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        return [json.loads(line) for line in stream]


def jsonl(rows: list[Row]) -> bytes:
    return gzip_bytes(
        "".join(json.dumps(row, separators=(",", ":")) + "\n" for row in rows).encode()
    )


def card_game(path: Path, group: str) -> bytes:
    rows = read_rows(path)
    people = {
        name: f"{group}{number:03}"
        for number, name in enumerate(sorted({row["reviewer_id"] for row in rows}))
    }
    return jsonl([_bet({name: row[name] for name in CARD_GAME}, people) for row in rows])


def _bet(row: Row, people: dict[str, str]) -> Row:
    person, red = people[row["reviewer_id"]], row["ai_confidence_red"]
    return row | {
        "decision_id": f"{person}-{row['seq']}",
        "reviewer_id": person,
        "ai_confidence": max(red, 100 - red),
        "ai_was_right": row["ai_recommendation"] == row["outcome"],
    }


def build(source: Path) -> dict[str, bytes]:
    """Return every file that this script makes, by name."""
    files = {
        f"card-game/group-{group}.jsonl.gz": card_game(
            source / "cardgame" / f"decisions_{group.upper()}.jsonl.gz", group
        )
        for group in "ab"
    }
    return files | {
        "code-suggestions/decisions.jsonl.gz": jsonl(
            read_rows(source / "copilot" / "decisions.jsonl.gz")
        )
    }


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    write_all(MANIFESTS, build(Path(sys.argv[1])))
