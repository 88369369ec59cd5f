"""A shop with a policy, and logs of what people decided under it, to recalibrate through the command line."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from hitl.cli.door import main
from hitl.document.load import load_document
from hitl.policy import Policy
from hitl.recalibrate.parts import Recalibration

OLD, NEW = "acme/model-2026-05-01", "acme/model-2026-05-18"
POLICY = """# what the shop lets run
format: hitl/policy/v1
id: shop
version: "4"
action_types:
  refund: {thresholds: {auto: 0.90, review: 0.60}, pool: desk} # money
  reply:  {thresholds: {auto: 0.70, review: 0.50}, pool: desk}
pools:
  desk: {members: [ana, bo]}
risk_matrix:
  medium: {high_confidence: auto, medium_confidence: queue, low_confidence: queue}
"""
Rows = Iterable[dict[str, Any]]


def rows(kind: str, model: str | None, *parts: tuple[float, int, int]) -> Rows:
    """Yield decisions that people looked at: for each confidence so many, of which so many are wrong."""
    for confidence, n, wrong in parts:
        for number in range(n):
            yield {
                "decision_id": f"{kind}-{model}-{confidence}-{number}", "at": f"2026-05-{1 + number % 7:02}T10:{number // 420:02}:{number // 7 % 60:02}Z", "action_type": kind,
                "resolved_model": model, "confidence": confidence, "correct": number >= wrong, "human_action": "approve" if number >= wrong else "reject",
                "reviewer_id": ("ana", "bo")[number % 2], "reviewer_pool": "desk", "review_seconds": 30.0, "review_probability": 1.0, "lane": "queue",
            }  # fmt: skip


LOSES = tuple(rows("refund", NEW, (0.97, 400, 0), (0.92, 300, 30), (0.5, 50, 20)))
GAINS = tuple(rows("reply", NEW, (0.95, 400, 0), (0.65, 400, 2), (0.3, 60, 20)))
NOTHING = tuple(rows("reply", NEW, (0.95, 60, 0), (0.65, 40, 1)))


class Shop:
    """A policy, and a log of people's decisions under it."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.policy, self.out = folder, folder / "policy.yaml", folder / "out"
        self.certificates = folder / "policy.certificates.json"
        self.policy.write_text(POLICY)
        self._capsys = capsys
        self.log((*LOSES, *GAINS))

    def log(self, found: Rows, name: str = "log.jsonl") -> None:
        (self.folder / name).write_text("".join(json.dumps(row) + "\n" for row in found))

    def say(self, *words: str) -> tuple[int, str, str]:
        """Return exit code, stdout and stderr of a recalibration."""
        code = main(["recalibrate", str(self.folder / "log.jsonl"), "--policy", str(self.policy), "--out", str(self.out), *words])  # fmt: skip
        said = self._capsys.readouterr()
        return code, said.out, said.err

    def document(self) -> Recalibration:
        return load_document(self.out / "recalibration.json", Recalibration)

    def thresholds(self) -> dict[str, object]:
        types = Policy.load(self.policy).action_types
        return {name: one.thresholds.auto for name, one in types.items() if one.thresholds}
