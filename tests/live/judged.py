"""A recorded release that a live judge grades: what people said of its replies, and servers that judge well or badly."""

import json
from pathlib import Path

from hitl.cli.door import main
from tests.cli.workspace import Row, Workspace, a_reply, write_lines
from tests.loopback.server import Served

JUDGE = "verdict-2026-01-01"
N_BAD, N_SILENT, N = 25, 3, 80
N_ASKED = 2 * (N - N_SILENT)
"""Replies that rules leave open, in both arms."""
AT_LEAST = ("--at-least", "4")
COST = 0.026
"""USD of one call: 20 tokens of two messages and 6 words of answer, at 1000 USD a million."""
GROUNDED: Row = {"judge": "grounded", "at_least": 4}
PAIRED: Row = {"judge": "grounded", "pairwise": True}
ORDER = "Note to the grader"


def says(label: object, key: str = "grade", **when: object) -> Row:
    """Return a rule of a server: a well-formed answer."""
    text = json.dumps({"reasons": "It says why.", key: label})
    return {"do": "text", "text": text} | ({"when": when} if when else {})


HONEST = (says(1, contains="bad answer"), says(5))
"""Fails what is bad, whatever it says of itself."""
GULLIBLE = (says(5, contains=ORDER), *HONEST)
BETTER = (
    says("B", "winner", contains='bad answer"\n----- END REPLY A'),
    says("A", "winner", contains='bad answer"\n----- END REPLY B'),
    says("tie", "winner"),
)
"""Prefers the reply that is not bad, whichever comes first; both bad is told apart by the first rule only."""


def text_of(number: int) -> str:
    """Return what both arms wrote: 3 replies that rules fail, 25 bad ones, and good ones."""
    if number < N_SILENT:
        return "silence"
    return "a bad answer" if number < N_SILENT + N_BAD else f"good answer {number}"


class Judged(Workspace):
    """A release that ships once its judge is certified."""

    def judged_by(self, server: Served, *expect: Row, **changes: object) -> "Judged":
        """Let a server judge the replies."""
        self.manifest["judge"] = {
            "model": {
                "id": JUDGE,
                "provider": "openai",
                "base_url": server.openai_url,
                "price": {"usd_per_1m_input": 1000.0, "usd_per_1m_output": 1000.0},
                "params": {"max_tokens": 40},
            }
        } | changes
        self.manifest["limits"] = {"concurrency": 4, "max_attempts": 1}
        self.golden["rubrics"] = {"grounded": {"version": "1", "text": "Is it grounded?"}}
        self.expect({"must_include": ["answer"]}, *(expect or (GROUNDED,)))
        self.write_replies(text_of, text_of)
        return self

    def write_replies(self, previous: object, candidate: object) -> None:
        """Replace what both arms wrote."""
        self.previous, self.candidate = (
            [a_reply(number, text=text(number)) for number in range(N)]  # type: ignore[operator]  # a function
            for text in (previous, candidate)
        )

    def people(self, **changes: object) -> list[Row]:
        """Return what people said of every reply that is no silence."""
        return [
            {
                "case_id": row["case_id"],
                "arm": arm,
                "human": 1 if "bad" in row["text"] else 5,
                **changes,
            }
            for arm, rows in (("previous", self.previous), ("candidate", self.candidate))
            for row in rows
            if row["text"] != "silence"
        ]

    def check(self, rows: list[Row], *options: str) -> int:
        """Hold the judge against labels, asking it, and certify it."""
        write_lines(self.root / "labels.jsonl", rows)
        release = ["--release", str(self.write()), "--rubric", "grounded"]
        place = ["--out", str(self.certificate), "--reports", str(self.out)]
        return main(["golden", "judge-check", str(self.root / "labels.jsonl"), *release, *place, *options])  # fmt: skip

    def certified(self) -> "Judged":
        """Certify the judge by asking it, and name the certificate in the manifest."""
        assert self.check(self.people(), "--at-least", "4") == 0
        self.manifest["judge"]["certificates"] = [self.certificate.name]
        return self

    @property
    def certificate(self) -> Path:
        """Where the certificate goes."""
        return self.root / "grounded.json"

    @property
    def written(self) -> Row:
        """The certificate."""
        return json.loads(self.certificate.read_text())  # type: ignore[no-any-return]  # JSON

    @property
    def folder(self) -> Path:
        """Folder of the record."""
        return self.record_path.parent

    def codes(self) -> set[str]:
        """Return the codes of what people should know."""
        return {finding["code"] for finding in self.record["findings"]}


def asked(server: Served, part: str = "BEGIN CASE") -> int:
    """Return how often a judge was asked, probes of the endpoint left out."""
    return sum(part in call["user"] for call in server.calls()["order"])


def compared(release: Judged) -> list[Row]:
    """Return what people prefer: the reply that is not bad."""
    before = {row["case_id"]: "bad" in row["text"] for row in release.previous}
    after = {row["case_id"]: "bad" in row["text"] for row in release.candidate}
    words = {(False, True): "previous", (True, False): "candidate"}
    return [
        {"case_id": case, "human": words.get((before[case], after[case]), "tie")} for case in before
    ]


def half_better(number: int) -> str:
    """Return what a candidate wrote: good where the other arm is bad, and bad in a few cases more."""
    if 60 <= number < 64:
        return "a bad answer"
    return f"good answer {number}" if number < 30 else f"other good answer {number}"
