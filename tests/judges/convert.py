"""Rebuild the judges' labels in this folder from the converted public data.

    python tests/judges/convert.py SOURCE

SOURCE holds the folders `xstest` and `pandalm`. Only ids and labels are kept: no prompt, no reply. The
same source gives the same bytes.
"""

import gzip
import json
import sys
from pathlib import Path

from hitl.document.write import gzip_bytes, write_all

HERE = Path(__file__).parent
XSTEST_MODELS = ("gpt4", "llama2new", "llama2orig")
XSTEST = (
    "case_id",
    "human_label_1",
    "human_label_2",
    "human_final",
    "judge_gpt4",
    "judge_string_match",
)
PANDALM = (
    "case_id",
    "human_1",
    "human_2",
    "human_3",
    "human_majority",
    "judge_gpt35",
    "judge_gpt35_raw",
    "judge_pandalm",
)


def labels(path: Path, columns: tuple[str, ...]) -> bytes:
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        rows = [json.loads(line) for line in stream]
    kept = ({name: row[name] for name in columns} for row in rows)
    return gzip_bytes(
        "".join(json.dumps(row, separators=(",", ":")) + "\n" for row in kept).encode()
    )


def build(source: Path) -> dict[str, bytes]:
    """Return every file that this script makes, by name."""
    files = {
        f"xstest.{model}.jsonl.gz": labels(source / "xstest" / f"outputs_{model}.jsonl.gz", XSTEST)
        for model in XSTEST_MODELS
    }
    return files | {"pandalm.jsonl.gz": labels(source / "pandalm" / "judgements.jsonl.gz", PANDALM)}


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    write_all(HERE, build(Path(sys.argv[1])))
