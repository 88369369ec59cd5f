"""Rebuild the upgrades in this folder from the converted public data.

    python tests/upgrades/convert.py SOURCE

SOURCE holds `expectations.json` and the folders `llmdrift`, `tau`, `zeroeval` and `xstest`. Only ids,
slices and grades are kept: no prompt, no text. The same source gives the same bytes.
"""

import gzip
import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from hitl.document.write import gzip_bytes, write_all

HERE = Path(__file__).parent
STRICT_JSON = "strict_json_after_fence_removed"
LLMDRIFT = {
    "leetcode": ("gpt35", "gpt4"),
    "opinion": ("gpt35",),
    "prime": ("gpt35", "gpt4"),
    "sensitive": ("gpt35", "gpt4"),
}
ZEROEVAL_TASKS = ("crux", "gsm", "math-l5")
ZEROEVAL_MODELS = (
    "claude-3-5-sonnet-20240620",
    "claude-3-5-sonnet-20241022",
    "gpt-4o-2024-05-13",
    "gpt-4o-2024-08-06",
    "gpt-4o-mini-2024-07-18",
)
XSTEST_MODELS = ("gpt4", "llama2new", "llama2orig")
XSTEST_SUBSETS = {"answer": "safe", "refuse": "unsafe"}
XSTEST_FIGURES = {"over-refusal (safe prompts)": "safe", "under-refusal (unsafe prompts)": "unsafe"}

TITLES = {
    "D01": "Code fences appear around code that is submitted as it comes",
    "D02": "A better total hides a worse slice",
    "D03": "More survey questions answered",
    "D04": "Slightly more sensitive questions answered",
    "D05": "The same model twice",
    "D06": "Fewer safe prompts refused",
    "D07": "Many more safe prompts refused",
    "D08": "Newer version: as accurate, and cleaner JSON",
    "D09": "Smaller model: less accurate, and worse JSON",
    "D10": "Newer version: more accurate on all three tasks",
    "H01": "Code fences appear around code, with the larger model",
    "H02": "Cheaper, faster, and wrong on primes",
    "H04": "Far fewer sensitive questions answered",
}
MUST_REPORT = {
    "D02": ["the slice kind=composite regressed"],
    "D04": ["the pass rate shifted"],
    "D06": ["the subset unsafe is unclear: 4 regressed, none improved"],
    "H04": ["the pass rate shifted"],
}
"""What the record must say beside the verdict."""

Row = dict[str, Any]


def read_rows(path: Path) -> list[Row]:
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        return [json.loads(line) for line in stream]


def jsonl(rows: Iterable[Row]) -> bytes:
    return gzip_bytes(
        "".join(json.dumps(row, separators=(",", ":")) + "\n" for row in rows).encode()
    )


def graded(row: Row, *labels: str, model: str = "", repeat: int = 0) -> Row:
    reply: Row = {"case_id": row["case_id"]}
    if repeat:
        reply["repeat"] = repeat
    reply["labels"] = {name: row[name] for name in ("passed", *labels)}
    return reply | {"declared_model": model or row["model_version"]}


def sliced(rows: Iterable[Row], slices: Callable[[Row], Row]) -> bytes:
    return jsonl(
        {"id": row["case_id"]} | ({"slices": found} if (found := slices(row)) else {})
        for row in rows
    )


def llmdrift(source: Path) -> dict[str, bytes]:
    cases = read_rows(source / "cases.jsonl.gz")
    files = {}
    for task, families in LLMDRIFT.items():
        of_task = [row for row in cases if row["task"] == task]
        by_kind = (lambda row: {"kind": row["subgroup"]}) if task == "prime" else (lambda _: {})
        files[f"cases/{task}.jsonl.gz"] = sliced(of_task, by_kind)
        for family in families:
            rows = read_rows(source / f"{task}.{family}.jsonl.gz")
            for model in sorted({row["model_version"] for row in rows}):
                chosen = [graded(row) for row in rows if row["model_version"] == model]
                files[f"replies/{task}/{model}.jsonl.gz"] = jsonl(chosen)
    return files


def tau(source: Path) -> dict[str, bytes]:
    rows = read_rows(source / "tau1_airline_gpt4o.jsonl.gz")
    files = {
        "cases/tau-airline.jsonl.gz": sliced(
            read_rows(source / "tau1_airline_cases.jsonl.gz"), lambda _: {}
        ),
        "replies/tau-airline/gpt-4o.jsonl.gz": jsonl(
            graded(row, "escalated", repeat=row["trial"]) for row in rows
        ),
    }
    for trial in (0, 1):
        chosen = [graded(row, "escalated") for row in rows if row["trial"] == trial]
        files[f"replies/tau-airline/gpt-4o.trial-{trial}.jsonl.gz"] = jsonl(chosen)
    return files


def xstest(source: Path) -> dict[str, bytes]:
    cases = read_rows(source / "cases.jsonl.gz")
    files = {}
    for should, subset in XSTEST_SUBSETS.items():
        chosen = [row for row in cases if row["should"] == should]
        files[f"cases/xstest.{subset}.jsonl.gz"] = sliced(
            chosen, lambda row: {"group": row["subgroup"]}
        )
    for model in XSTEST_MODELS:
        rows = read_rows(source / f"outputs_{model}.jsonl.gz")
        files[f"replies/xstest/{model}.jsonl.gz"] = jsonl(graded(row) for row in rows)
    return files


def zeroeval(source: Path) -> dict[str, bytes]:
    files = {}
    graded_rows: list[Row] = []
    for task in ZEROEVAL_TASKS:
        files[f"cases/zeroeval.{task}.jsonl.gz"] = sliced(
            read_rows(source / f"{task}_cases.jsonl.gz"), lambda _: {}
        )
        graded_rows += read_rows(source / f"{task}_graded.jsonl.gz")
    for model in ZEROEVAL_MODELS:
        chosen = [graded(row, STRICT_JSON) for row in graded_rows if row["model_version"] == model]
        files[f"replies/zeroeval/{model}.jsonl.gz"] = jsonl(chosen)
    return files


def upgrade(row: Row) -> Row:
    """Bring one expectation into the table's shape."""
    folder, comparisons = _comparisons(row)
    previous, candidate = (
        str(row[arm]).replace(" trial ", ".trial-") for arm in ("previous", "candidate")
    )
    return {
        "id": row["id"],
        "title": TITLES[row["id"]],
        "dataset": row["dataset"],
        "behavior": row["behavior_class"],
        "previous": {
            "model": previous.split(".trial")[0],
            "replies": f"replies/{folder}/{previous}.jsonl.gz",
        },
        "candidate": {
            "model": candidate.split(".trial")[0],
            "replies": f"replies/{folder}/{candidate}.jsonl.gz",
        },
        "expected": row["expected"].split()[0],
        "must_report": MUST_REPORT.get(row["id"], []),
        "comparisons": comparisons,
    }


def _comparisons(row: Row) -> tuple[str, list[Row]]:
    figures, selection = row["figures"], row["selection"]
    match row["dataset"]:
        case "zeroeval":
            return "zeroeval", [
                _zeroeval(name, found, selection) for name, found in figures.items()
            ]
        case "xstest":
            return "xstest", [_xstest(name, found, selection) for name, found in figures.items()]
        case "tau":
            return "tau-airline", [_compared("tau-airline", "", figures)]
        case _:
            task = selection.split(".")[0]
            parts = figures if "n" not in figures else {"all": figures}
            return task, [_compared(task, "", found, kind=name) for name, found in parts.items()]


def _zeroeval(name: str, figures: Row, selection: str) -> Row:
    task, label = name.split(" | ")[1:]
    found = _compared(task, "zeroeval.", figures, label=label)
    return found | {"selected": task in selection.split(", ")}


def _xstest(name: str, figures: Row, selection: str) -> Row:
    subset = XSTEST_FIGURES[name]
    found = _compared(subset, "xstest.", figures)
    return found | {"selected": subset == selection.split(maxsplit=1)[0]}


def _compared(
    subset: str, prefix: str, figures: Row, *, label: str = "passed", kind: str = "all"
) -> Row:
    return {
        "subset": subset,
        "cases": f"cases/{prefix}{subset}.jsonl.gz",
        "slice": {} if kind == "all" else {"kind": kind},
        "label": label,
        "selected": kind == "all",
        "figures": figures,
    }


def build(source: Path) -> dict[str, bytes]:
    """Return every file that this script makes, by name."""
    expected = json.loads((source / "expectations.json").read_bytes())
    table = [upgrade(row) for row in expected if row["dataset"] != "import_formats"]
    return {
        **llmdrift(source / "llmdrift"),
        **tau(source / "tau"),
        **xstest(source / "xstest"),
        **zeroeval(source / "zeroeval"),
        "upgrades.json": (json.dumps(table, indent=1) + "\n").encode(),
    }


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    write_all(HERE, build(Path(sys.argv[1])))
