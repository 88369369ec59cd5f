"""How fast a live run is, against a bare loop and other tools, all in one run against one loopback server.

Every tool makes the same calls (cases x 2 models, 50 at once), checks each answer once and writes it to a file. Calls a
second are counted by the server, from its first call to its last; seconds are of the whole process.

    python benchmarks/run.py [--cases 1000] [--latency 0 50]

promptfoo and inspect_ai are measured too where they are installed (`promptfoo` on PATH or in PROMPTFOO;
a Python that has inspect_ai and openai in INSPECT_PYTHON).
"""

import argparse
import importlib.util
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.loopback.process import LoopbackProcess  # noqa: E402  # the server ships with the tests

AT_ONCE = 50
MODELS = ("model-2026-05-01", "model-2026-05-18")
HITL = [sys.executable, "-c", "import sys; from hitl.cli.door import main; sys.exit(main(sys.argv[1:]))"]  # fmt: skip
BARE = """
import asyncio, json, sys
import aiohttp
url, cases, models = sys.argv[1], int(sys.argv[2]), sys.argv[3].split(",")
async def main():
    jobs = iter([(m, n) for n in range(cases) for m in models])
    passed = 0
    async def work(session, out):
        nonlocal passed
        for model, number in jobs:
            body = {"model": model, "messages": [{"role": "user", "content": f"Is {number} a number?"}], "temperature": 0}
            async with session.post(url + "/chat/completions", json=body) as response:
                answer = await response.json()
            passed += answer["choices"][0]["message"]["content"] == "yes"
            out.write(json.dumps(answer) + "\\n")
            out.flush()
    connector = aiohttp.TCPConnector(limit=50)
    async with aiohttp.ClientSession(connector=connector) as session:
        with open("answers.jsonl", "w") as out:
            await asyncio.gather(*(work(session, out) for _ in range(50)))
    assert passed == cases * len(models), passed
asyncio.run(main())
"""
INSPECT = """
import sys
from inspect_ai import Task, eval as evaluate
from inspect_ai.dataset import Sample
from inspect_ai.model import GenerateConfig, get_model
from inspect_ai.scorer import exact
url, cases, models = sys.argv[1], int(sys.argv[2]), sys.argv[3].split(",")
data = [Sample(input=f"Is {n} a number?", target="yes") for n in range(cases)]
config = GenerateConfig(temperature=0, max_connections=50)
found = [get_model(f"openai/{m}", base_url=url, api_key="none", config=config, responses_api=False) for m in models]
evaluate(Task(dataset=data, scorer=exact()), model=found, display="none", max_tasks=2, max_samples=50, log_dir="logs")
"""


@dataclass(frozen=True)
class Cost:
    """What one process took."""

    seconds: float
    cpu: float
    peak_mb: float
    code: int


@dataclass(frozen=True)
class Contestant:
    """A tool that makes the calls."""

    name: str
    command: list[str]
    codes: tuple[int, ...] = (0,)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--latency", type=float, nargs="+", default=[0.0, 50.0], help="ms")
    parser.add_argument("--rounds", type=int, default=3, help="of the first three; medians count")
    given = parser.parse_args()
    for latency in given.latency:
        print(f"\n{given.cases * 2:,} calls, {latency:g} ms, {AT_ONCE} at once")
        print(
            f"{'':24} {'calls/s':>8} {'ratio':>6} {'whole s':>8} {'ratio':>6} {'cpu s':>6} {'peak MB':>8}"
        )
        print_table(given.cases, latency, given.rounds)


def print_table(cases: int, latency: float, rounds: int) -> None:
    reference: tuple[float, float] | None = None
    for tool in contestants():
        n = rounds if tool.name in ("bare aiohttp loop", "hitl run", "hitl gate") else 1
        found = [measure(tool, cases, latency) for _ in range(n)]
        rate = statistics.median(rate for rate, _ in found)
        whole = statistics.median(cost.seconds for _, cost in found)
        reference = reference or (rate, whole)
        cost = found[-1][1]
        print(
            f"{tool.name:24} {rate:8,.0f} {rate / reference[0]:6.2f} {whole:8.2f} {whole / reference[1]:6.1f} {cost.cpu:6.2f} {cost.peak_mb:8.0f}",
            flush=True,
        )


def contestants() -> Iterator[Contestant]:
    yield Contestant(
        "bare aiohttp loop", [sys.executable, "-c", BARE, "{url}", "{cases}", ",".join(MODELS)]
    )
    yield Contestant("hitl run", [*HITL, "run", "release.yaml"])
    yield Contestant("hitl gate", [*HITL, "gate", "release.yaml"], (0, 10))
    promptfoo = os.environ.get("PROMPTFOO") or shutil.which("promptfoo")
    if promptfoo:
        words = (
            "eval -c promptfoo.json --no-cache --no-table --no-progress-bar -j 50 -o answers.json"
        )
        yield Contestant("promptfoo eval", [promptfoo, *words.split()])
    python = os.environ.get("INSPECT_PYTHON") or (
        sys.executable if importlib.util.find_spec("inspect_ai") else None
    )
    if python:
        yield Contestant(
            "inspect_ai eval", [python, "-c", INSPECT, "{url}", "{cases}", ",".join(MODELS)]
        )


def measure(tool: Contestant, cases: int, latency: float) -> tuple[float, Cost]:
    """Run one tool against a fresh server; return calls a second as the server saw them, and the cost of the process."""
    with (
        tempfile.TemporaryDirectory() as name,
        LoopbackProcess(latency_ms=latency, table=answers(cases)) as server,
    ):
        folder = Path(name)
        write_release(folder, cases, server.openai_url)
        command = [
            part.format(url=server.openai_url, cases=cases)
            if part in ("{url}", "{cases}")
            else part
            for part in tool.command
        ]
        cost = run(command, folder)
        order = server.calls()["order"]
        times = [call["at_ms"] for call in order if call["user"].startswith("Is ")]  # no probes
    if cost.code not in tool.codes or len(times) < 2 * cases:
        raise SystemExit(
            f"{tool.name} returned {cost.code} after {len(times)} of {2 * cases} calls"
        )
    return 1000 * (len(times) - 1) / (times[-1] - times[0]), cost


def run(command: list[str], folder: Path) -> Cost:
    log = (folder / "log.txt").open("wb")
    quiet = {
        "PROMPTFOO_DISABLE_TELEMETRY": "1",
        "PROMPTFOO_DISABLE_UPDATE": "1",
        "PROMPTFOO_CONFIG_DIR": str(folder),
        "OPENAI_API_KEY": "none",
    }
    start = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=folder,
        stdout=log,
        stderr=log,
        stdin=subprocess.DEVNULL,
        env=os.environ | quiet,
    )
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    return Cost(
        seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, process.returncode
    )


def answers(cases: int) -> list[dict[str, str]]:
    return [{"user": f"Is {number} a number?", "text": "yes"} for number in range(cases)]


def write_release(folder: Path, cases: int, url: str) -> None:
    rows = [{"id": f"c{n:06}", "input": f"Is {n} a number?"} for n in range(cases)]
    (folder / "cases.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    golden = {
        "format": "hitl/golden-set/v1", "id": "benchmark", "version": "1", "workflow_id": "benchmark",
        "subsets": [{"id": "all", "cases": "cases.jsonl", "expect": [{"equals": "yes"}]}],
    }  # fmt: skip
    arms = [
        {"id": model, "provider": "openai", "base_url": url, "params": {"temperature": 0}}
        for model in MODELS
    ]
    release = {
        "format": "hitl/release/v1", "release_id": "benchmark", "workflow_id": "benchmark", "route_id": "benchmark",
        "change_surface": "model", "release_owner": {"name": "Benchmark", "contact": "benchmark@example.com"},
        "golden_set": "set.yaml", "previous_model": arms[0], "candidate_model": arms[1], "limits": {"concurrency": AT_ONCE},
        "required_eval_subsets": ["all"], "gate_classes": [{"subset": "all", "authority": "block", "margin": 0.05}],
        "rollout_scope": {"kind": "full"}, "rollback_rule": {"to": MODELS[0], "when": "any block failure"}, "trace_fields": ["workflow_id"],
    }  # fmt: skip
    prompts = {
        "prompts": ["{{question}}"],
        "providers": [
            {
                "id": f"openai:chat:{model}",
                "config": {"apiBaseUrl": url, "apiKey": "none", "temperature": 0},
            }
            for model in MODELS
        ],
        "tests": [
            {"vars": {"question": row["input"]}, "assert": [{"type": "equals", "value": "yes"}]}
            for row in rows
        ],
    }
    for name, value in (
        ("set.yaml", golden),
        ("release.yaml", release),
        ("promptfoo.json", prompts),
    ):
        (folder / name).write_text(json.dumps(value))


if __name__ == "__main__":
    main()
