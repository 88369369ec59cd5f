"""What `hitl compare` reads and prints."""

from pathlib import Path
from typing import TYPE_CHECKING

from hitl.cli.clock import seeded
from hitl.cli.output import counted, people

if TYPE_CHECKING:
    from hitl.golden.load import GoldenSetFiles
    from hitl.record.comparison import RunComparison


def compare_runs(
    previous: Path, candidate: Path, golden: Path | None, label: str | None, confidence: float
) -> "RunComparison":
    """Read, grade and compare two replies files.

    Raises:
        EvidenceError: no case can be compared.
        UsageError: it is not clear which grade decides.
    """
    from hitl.golden.load import load_golden_set
    from hitl.policy.posture import PosturePolicy
    from hitl.record.comparison import compare_scored
    from hitl.run.recorded import recorded_replies
    from hitl.score.release import grade_both, score_release
    from hitl.score.suite import build_suite

    golden_set = load_golden_set(golden) if golden else graded_set(previous, candidate, label)
    suite = build_suite(golden_set, PosturePolicy(), golden or previous)
    sides = (counted(recorded_replies(path), path.name) for path in (previous, candidate))
    scored = score_release(suite, grade_both(suite, *sides), confidence, chance := seeded(0))
    return compare_scored(scored, str(previous), str(candidate), confidence, chance)


def graded_set(previous: Path, candidate: Path, label: str | None) -> "GoldenSetFiles":
    """Return the set that the replies' own grades imply."""
    from hitl.errors import EvidenceError, UsageError
    from hitl.golden.adhoc import adhoc_set
    from hitl.run.recorded import recorded_replies

    ids: set[str] = set()
    grades: set[str] = set()
    for path in (previous, candidate):
        for reply in recorded_replies(path):
            ids.add(reply.case_id)
            grades.update(
                name for name, value in (reply.labels or {}).items() if isinstance(value, bool)
            )
    if not ids:
        raise EvidenceError(f"{previous} and {candidate} hold no reply; record both runs first")
    if label is None and len(grades) != 1:
        found = ", ".join(sorted(grades)) or "none"
        raise UsageError(
            f"which grade decides? name one with --label, or judge by --golden; true-or-false grades found: {found}"
        )
    return adhoc_set(ids, label or next(iter(grades)), equals=True)


def print_comparison(result: "RunComparison") -> None:
    """Print a comparison for people."""
    from hitl.render.comparison import comparison_lines

    console = people()
    for line in comparison_lines(result):
        console.print(line, soft_wrap=True)
