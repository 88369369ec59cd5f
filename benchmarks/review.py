"""How long a review takes the machine, against a bare loop that parses the same files, all in one run.

Prints, for items x 3 raters: the whole process of `hitl review pack` and of `hitl review merge` beside a process that
only parses the packets and ballots as JSON, and what a review adds to the whole process of `hitl gate`.

    python benchmarks/review.py [--items 200 1000]
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from hitl.review.ballot import signed_ballot
from hitl.review.folder import ballot_file, load_invitations, load_review
from hitl.review.parts import Packet
from hitl.review.votes import SideMark, Vote
from hitl.review.words import Action, Choice, ErrorCategory
from hitl.review.writing import own_bytes

HITL = "import sys; from hitl.cli.door import main; sys.exit(main(sys.argv[1:]))"
PARSE = "import json, sys\nfor path in sys.argv[1:]: json.load(open(path))"
WORDS = [
    "restart",
    "the",
    "pool",
    "after",
    "reading",
    "its",
    "log",
    "and",
    "compare",
    "every",
    "host",
    "before",
    "anybody",
    "acts",
    "on",
    "this",
    "report",
]
AT = "2026-05-20T12:00:00Z"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--items", type=int, nargs="+", default=[200, 1_000])
    print(
        f"{'items':>6} {'pack s':>7} {'merge s':>8} {'parse s':>8} {'ratio':>6} {'gate s':>7} {'with review s':>14} {'adds s':>7}"
    )
    for items in parser.parse_args().items:
        with tempfile.TemporaryDirectory() as folder:
            print_review(items, Path(folder))


def print_review(items: int, folder: Path) -> None:
    rng = np.random.default_rng(items)
    release = write_release(items, folder, rng)
    pack = seconds(folder, "review", "pack", release, "--out", "review", "--items", str(items))
    vote(folder / "review", rng)
    merge = seconds(folder, "review", "merge", "review")
    files = [
        str(path)
        for name in ("packets", "ballots")
        for path in (folder / "review" / name).iterdir()
    ]
    parse = timed([sys.executable, "-c", PARSE, *files], folder)
    alone = seconds(folder, "gate", release, "--exit-zero")
    manifest = folder / release
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"review": "review"}))
    reviewed = seconds(folder, "gate", release, "--exit-zero")
    print(
        f"{items:>6} {pack:>7.2f} {merge:>8.2f} {parse:>8.2f} {merge / parse:>6.1f} {alone:>7.2f} {reviewed:>14.2f} {reviewed - alone:>7.2f}"
    )


def write_release(items: int, folder: Path, rng: np.random.Generator) -> str:
    """Write a release whose every case people are to approve; return its manifest."""
    ids = [f"c{number:05}" for number in range(items)]
    cases = [{"id": name, "input": f"What now, in case {name}?"} for name in ids]
    (folder / "cases.jsonl").write_text("".join(json.dumps(case) + "\n" for case in cases))
    subset = {"id": "core", "behavior": "helpful", "cases": "cases.jsonl", "expect": [{"review": "approve"}]}  # fmt: skip
    golden = {"format": "hitl/golden-set/v1", "id": "bench", "version": "1", "workflow_id": "bench", "subsets": [subset]}  # fmt: skip
    (folder / "set.json").write_text(json.dumps(golden))
    for arm in ("previous", "candidate"):
        rows = ({"case_id": name, "text": " ".join(rng.choice(WORDS, 80))} for name in ids)
        (folder / f"{arm}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    model = {"provider": "recorded", "params": {}}
    manifest = {
        "format": "hitl/release/v1",
        "release_id": "bench",
        "workflow_id": "bench",
        "route_id": "bench",
        "change_surface": "model",
        "release_owner": {"name": "bench", "contact": "bench@example.com"},
        "golden_set": "set.json",
        "previous_model": model | {"id": "acme/one-2026-05-01", "replies": "previous.jsonl"},
        "candidate_model": model | {"id": "acme/two-2026-05-18", "replies": "candidate.jsonl"},
        "required_eval_subsets": ["core"],
        "gate_classes": [{"subset": "core", "authority": "block", "margin": 0.05}],
        "rollout_scope": {"kind": "full"},
        "rollback_rule": {"to": "acme/one-2026-05-01", "when": "any block failure"},
        "trace_fields": ["resolved_model"],
    }
    (folder / "release.json").write_text(json.dumps(manifest))
    return "release.json"


def vote(folder: Path, rng: np.random.Generator) -> None:
    """Lock a ballot of each reviewer."""
    review, invitations = load_review(folder), load_invitations(folder)
    for one in invitations.invitations if invitations else ():
        packet = review.packets[one.reviewer]
        ballot = signed_ballot(packet, votes(packet, rng), one.token, AT)
        path = ballot_file(folder, one.reviewer)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(own_bytes(ballot))


def votes(packet: Packet, rng: np.random.Generator) -> list[Vote]:
    found = []
    for item in packet.items:
        actions = [Action.APPROVE if rng.random() < 0.9 else Action.REJECT for _ in item.sides]
        marks = tuple(
            SideMark(side=side.side, action=action, category=None if action is Action.APPROVE else ErrorCategory.WRONG)
            for side, action in zip(item.sides, actions, strict=True)
        )  # fmt: skip
        preference = Choice(str(rng.choice(["A", "B", "tie"]))) if len(marks) == 2 else None
        found.append(Vote(item_id=item.item_id, marks=marks, preference=preference, decided_at=AT, seconds=20.0))  # fmt: skip
    return found


def seconds(folder: Path, *words: str) -> float:
    return timed([sys.executable, "-c", HITL, *words], folder)


def timed(command: list[str], folder: Path) -> float:
    begin = time.perf_counter()
    quiet = subprocess.DEVNULL
    subprocess.run(
        command, cwd=folder, check=True, stdout=quiet, stderr=quiet, env=dict(os.environ)
    )
    return time.perf_counter() - begin


if __name__ == "__main__":
    main()
