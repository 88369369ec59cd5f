"""What `hitl golden lint` looks at and says."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hitl.cli.output import people

if TYPE_CHECKING:
    from hitl.golden.lint import LintFinding


def run_lint(path: Path, release: Path | None) -> "tuple[LintFinding, ...]":
    """Load a golden set, compile its checks, and return every fault that loading does not refuse."""
    from hitl.document.load import load_document
    from hitl.gate.rating_notes import reviewed_subsets
    from hitl.golden.lint import Level, LintFinding, lint
    from hitl.golden.load import load_golden_set
    from hitl.manifest.gate_class import DEFAULT_MARGIN
    from hitl.manifest.release import ReleaseManifest
    from hitl.policy.posture import PosturePolicy
    from hitl.score.suite import build_suite

    loaded = load_golden_set(path)
    suite = build_suite(loaded, PosturePolicy(), path)
    if release is None:
        return lint(loaded, {}, DEFAULT_MARGIN, 0.95)
    manifest = load_document(release, ReleaseManifest)
    classes = [gate for gate in manifest.gate_classes if not gate.is_about_traffic]
    margins: dict[str, float | None] = {gate.subset: None for gate in classes}
    for gate in classes:
        margins[gate.subset] = gate.effective().margin or margins[gate.subset]
    unasked = tuple(
        LintFinding("review_missing", Level.WARNING, name, None, f"{name}: people are to approve its replies, and {release} names no review; run `hitl review pack {release}` and name its folder under `review`")
        for name in (reviewed_subsets(suite) if manifest.review is None else ())
    )  # fmt: skip
    return (*lint(loaded, margins, DEFAULT_MARGIN, manifest.confidence), *unasked)


def print_findings(findings: "Sequence[LintFinding]") -> None:
    """Print faults, one a line, and how many there are."""
    from hitl.render.text import show

    console = people()
    for finding in findings:
        console.print(f"{finding.level}: {finding.code}: {show(finding.message)}", soft_wrap=True)
    errors = sum(finding.level == "error" for finding in findings)
    console.print(f"{errors} errors, {len(findings) - errors} warnings", soft_wrap=True)
