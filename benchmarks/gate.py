"""How long the gate takes, against stated references, all in one run.

Prints: `hitl --help` over a bare typer and pydantic program; the whole process of `hitl gate` on
recorded replies (cases x 2 arms x 3 repeats, all reports) with wall time, peak memory and sizes,
next to a bare loop that only parses the same files as JSON.

    python benchmarks/gate.py [--cases 1000 10000 100000]
"""

import argparse
import gzip
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

BARE = """
import typer
from pydantic import BaseModel
class Document(BaseModel):
    name: str = ""
app = typer.Typer()
@app.command()
def hello(name: str = "") -> None: print(Document(name=name))
app()
"""
HITL = "import sys; from hitl.cli.door import main; sys.exit(main(sys.argv[1:]))"
PARSE = """
import gzip, json, sys
for path in sys.argv[1:]:
    with gzip.open(path) as stream:
        for line in stream: json.loads(line)
"""
WORDS = [
    "check",
    "the",
    "queue",
    "depth",
    "of",
    "service",
    "and",
    "compare",
    "it",
    "with",
    "last",
    "week",
    "before",
    "anyone",
    "acts",
    "on",
    "this",
]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cases", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    sizes = parser.parse_args().cases
    print_help_ratio()
    print(
        f"\n{'cases':>8} {'replies':>9} {'gate s':>8} {'parse s':>8} {'ratio':>6} {'peak MB':>8} {'record':>9} {'page':>9}"
    )
    for cases in sizes:
        with tempfile.TemporaryDirectory() as folder:
            print_gate(cases, Path(folder))


def print_help_ratio(runs: int = 15) -> None:
    bare, ours = [], []
    for _ in range(runs):
        bare.append(seconds([sys.executable, "-c", BARE, "--help"])[0])
        ours.append(seconds([sys.executable, "-c", HITL, "--help"])[0])
    reference, measured = statistics.median(bare), statistics.median(ours)
    print(
        f"hitl --help {measured:.3f} s, bare typer + pydantic {reference:.3f} s: ratio {measured / reference:.2f} (goal <= 2)"
    )


def print_gate(cases: int, folder: Path) -> None:
    write_release(cases, folder)
    replies = [folder / "previous.jsonl.gz", folder / "candidate.jsonl.gz"]
    parse, _, _ = seconds([sys.executable, "-c", PARSE, *map(str, replies)])
    spent, peak, code = seconds(
        [
            sys.executable,
            "-c",
            HITL,
            "gate",
            str(folder / "release.yaml"),
            "--out",
            str(folder / "reports"),
        ]
    )
    if code not in (0, 10):
        raise SystemExit(f"hitl gate returned {code}")
    out = folder / "reports" / "benchmark"
    record, page = ((out / name).stat().st_size / 1e6 for name in ("record.json", "index.html"))
    print(
        f"{cases:>8,} {cases * 6:>9,} {spent:>8.2f} {parse:>8.2f} {spent / parse:>6.1f} {peak:>8.0f} {record:>6.2f} MB {page:>6.2f} MB",
        flush=True,
    )


def seconds(command: list[str]) -> tuple[float, float, int]:
    """Return wall seconds, peak MB and exit code of one process."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return time.perf_counter() - start, usage.ru_maxrss / 1024, process.returncode


def write_release(cases: int, folder: Path) -> None:
    """Write a release of two subsets whose candidate fails a little more often."""
    generator = np.random.default_rng(7)
    with gzip.open(folder / "cases.jsonl.gz", "wt", compresslevel=1) as stream:
        for number in range(cases):
            slices = {"region": f"r{number % 5}", "tier": f"t{number % 3}"}
            stream.write(
                json.dumps(
                    {
                        "id": f"c{number:06d}",
                        "input": f"What is wrong with service {number}?",
                        "slices": slices,
                    }
                )
                + "\n"
            )
    (folder / "set.yaml").write_text(
        "format: hitl/golden-set/v1\nid: benchmark\nversion: '1'\nworkflow_id: benchmark\nsubsets:\n"
        "  - id: triage\n    cases: cases.jsonl.gz\n    expect:\n      - {field: escalate, equals: true}\n"
        "      - {field: steps, min_items: 1}\n      - {latency_ms: {at_most: 60000}}\n"
    )
    for arm, wrong, slow in (("previous", 0.02, 900.0), ("candidate", 0.03, 800.0)):
        with gzip.open(folder / f"{arm}.jsonl.gz", "wt", compresslevel=1) as stream:
            stream.writelines(reply_lines(cases, f"model-{arm}-2026-01-01", wrong, slow, generator))
    (folder / "release.yaml").write_text(
        "format: hitl/release/v1\nrelease_id: benchmark\nworkflow_id: benchmark\nroute_id: benchmark\nchange_surface: model\n"
        "release_owner: {name: Benchmark, contact: benchmark@example.com}\ngolden_set: set.yaml\nrepeats: 3\n"
        "previous_model: {id: model-previous-2026-01-01, provider: recorded, replies: previous.jsonl.gz}\n"
        "candidate_model: {id: model-candidate-2026-01-01, provider: recorded, replies: candidate.jsonl.gz}\n"
        "required_eval_subsets: [triage]\ngate_classes:\n  - {subset: triage, authority: block, margin: 0.05}\n"
        "  - {subset: triage, authority: signal, metric: latency_ms, statistic: p95, max_ratio: 1.2}\n"
        "rollout_scope: {kind: full}\nrollback_rule: {to: model-previous-2026-01-01, when: any block failure}\ntrace_fields: [workflow_id]\n"
    )


def reply_lines(
    cases: int, model: str, wrong: float, slow: float, generator: np.random.Generator
) -> Iterator[str]:
    fails = generator.random((cases, 3)) < wrong
    times = slow * np.exp(0.3 * generator.standard_normal((cases, 3)))
    for number in range(cases):
        for repeat in range(3):
            steps = [" ".join(generator.permutation(WORDS)) for _ in range(3)]
            text = json.dumps({"escalate": not bool(fails[number, repeat]), "steps": steps})
            yield json.dumps({
                "case_id": f"c{number:06d}", "repeat": repeat, "text": text, "declared_model": model, "resolved_model": model,
                "finish": "stop", "latency_ms": round(times[number, repeat], 1), "output_tokens": 90, "cost_usd": 0.001,
            }) + "\n"  # fmt: skip


if __name__ == "__main__":
    main()
