"""A release whose two arms are asked live, of a server on loopback."""

import gzip
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from time import monotonic, sleep

from hitl.cli.door import main
from tests.cli.workspace import Row, Workspace, a_case, write_json, write_lines
from tests.loopback.server import Served

OLD, NEW = "acme/model-2026-05-01", "acme/model-2026-05-18"
YES: Row = {"do": "text", "text": "yes"}
"""Rule of a server that answers every question rightly; rules before it win."""

HITL = [sys.executable, "-c", "import sys; from hitl.cli.door import main; sys.exit(main(sys.argv[1:]))"]  # fmt: skip


def an_arm(model: str, url: str, **changes: object) -> Row:
    """Return an arm behind an OpenAI-compatible endpoint."""
    return {"id": model, "provider": "openai", "base_url": url} | changes


class Live(Workspace):
    """A release that ships until something is spoiled; `serve` says where its arms are."""

    def serve(self, server: Served, *, both: Row | None = None, **candidate: object) -> "Live":
        """Let both arms be asked at a server, the candidate with its own changes."""
        shared = both or {}
        self.manifest["previous_model"] = an_arm(OLD, server.openai_url, **shared)
        self.manifest["candidate_model"] = an_arm(NEW, server.openai_url, **shared) | candidate
        return self

    def size(self, cases: int) -> "Live":
        """Keep so many cases."""
        self.cases["core"] = [a_case(i) for i in range(cases)]
        return self

    def limits(self, **changes: object) -> "Live":
        """Change bounds of the run."""
        self.manifest["limits"] = self.manifest.get("limits", {}) | changes
        return self

    def write(self) -> Path:
        """Write manifest and golden set; nothing is recorded."""
        write_json(self.root / "release.yaml", self.manifest)
        write_json(self.root / "set.yaml", self.golden)
        for name, cases in self.cases.items():
            write_lines(self.root / f"{name}.jsonl", cases)
        return self.root / "release.yaml"

    def run(self, *options: str) -> int:
        """Write the files and ask both arms."""
        return main(["run", str(self.write()), "--out", str(self.out), *options])

    def started(self, *options: str, command: str = "run") -> "subprocess.Popen[str]":
        """Ask both arms in a process of its own."""
        return subprocess.Popen(
            [*HITL, command, str(self.write()), "--out", str(self.out), *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self.root,
            env=os.environ | {"PYTHONWARNINGS": "error::ResourceWarning"},
        )

    @property
    def folder(self) -> Path:
        """Folder of the release."""
        return self.out / str(self.manifest["release_id"])

    @property
    def journal(self) -> Path:
        """Where the journal of the whole run stands."""
        return self.folder / "run" / "journal.jsonl"

    def part(self, number: int, of: int = 3) -> Path:
        """Where the journal of one part stands."""
        return self.folder / "run" / f"journal-{number}-of-{of}.jsonl"

    def lines(self, path: Path | None = None) -> list[Row]:
        """Return the journal's lines, a torn last one left out."""
        whole = [line for line in (path or self.journal).read_bytes().splitlines(keepends=True) if line.endswith(b"\n")]  # fmt: skip
        return [json.loads(line) for line in whole]

    def replies(self, path: Path | None = None) -> list[Row]:
        """Return the journal's reply lines."""
        return [line for line in self.lines(path) if "reply" in line]

    def answered(self) -> set[tuple[str, str]]:
        """Return (arm, case) of each journaled reply that is no error."""
        return {(row["lane"], row["reply"]["case_id"]) for row in self.replies() if "error" not in row["reply"]}  # fmt: skip

    def codes(self) -> set[str]:
        """Return the codes of the record's reasons."""
        return {reason["code"] for reason in self.record["reasons"]}

    def findings(self) -> set[str]:
        """Return the codes of what people should know."""
        return {finding["code"] for finding in self.record["findings"]}


def forged(path: Path, change: Callable[[Row], object], n: int = 10**9) -> int:
    """Change the first so many reply lines of a journal and make their checksums fit; return how many."""
    lines, changed = [], 0
    for line in path.read_bytes().splitlines():
        row = json.loads(line)
        if "reply" in row and changed < n:
            del row["sum"]
            before = json.dumps(row)
            change(row)
            changed += json.dumps(row) != before
            line = summed(row)
        lines.append(line)
    path.write_bytes(b"\n".join(lines) + b"\n")
    return changed


def summed(row: Row) -> bytes:
    """Return a journal line with the checksum that fits."""
    start = json.dumps(row, separators=(",", ":"), ensure_ascii=False).encode()[:-1]
    return start + b',"sum":"' + hashlib.sha256(start).hexdigest()[:16].encode() + b'"}'


def wait_until(is_so: Callable[[], bool]) -> None:
    until = monotonic() + 20
    while not is_so():
        assert monotonic() < until
        sleep(0.005)


def asked_of(server: Served) -> list[Row]:
    """Return the calls for cases that a server got, probes left out."""
    return [call for call in server.calls()["order"] if call["user"].startswith("question")]


def written(root: Path) -> Iterable[tuple[Path, bytes]]:
    """Yield every file under a folder, unpacked."""
    for path in root.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            yield path, gzip.decompress(content) if path.suffix == ".gz" else content
