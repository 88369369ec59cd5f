"""What `hitl policy check` looks at and says."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hitl.cli.clock import now
from hitl.cli.output import people

if TYPE_CHECKING:
    from hitl.document.tree import Path_
    from hitl.policy.lint import PolicyFinding
    from hitl.policy.schema import Policy
    from hitl.policy.summary import TypeSummary


@dataclass(frozen=True)
class CheckedPolicy:
    """A policy, what it amounts to, and what is wrong with it."""

    path: Path
    policy: "Policy"
    types: "tuple[TypeSummary, ...]"
    asked: tuple[str, ...]
    findings: "tuple[PolicyFinding, ...]"
    lines: "Mapping[Path_, int]"

    @property
    def has_errors(self) -> bool:
        """Whether anything is so wrong that the policy should not be used."""
        return any(finding.level == "error" for finding in self.findings)

    def line(self, at: "Path_") -> int:
        """Return the line of a place, or of the nearest one around it that stands in the file; 0 without any."""
        return next((self.lines[at[:size]] for size in range(len(at), 0, -1) if at[:size] in self.lines), 0)  # fmt: skip

    def as_json(self) -> dict[str, object]:
        """Return everything for machines."""
        return {
            "policy": {"id": self.policy.id, "version": self.policy.version},
            "action_types": [_type(one) for one in self.types],
            "asked_fields": list(self.asked),
            "findings": [self._finding(one) for one in self.findings],
        }

    def _finding(self, one: "PolicyFinding") -> dict[str, object]:
        from hitl.document.tree import field_name

        return {
            "code": one.code,
            "level": one.level,
            "file": str(self.path),
            "line": self.line(one.at),
            "field": field_name(one.at),
            "message": one.message,
        }


def checked_policy(path: Path) -> CheckedPolicy:
    """Load a policy and return what it amounts to with every fault that loading does not refuse.

    Raises:
        DocumentError: every mistake of form, with line and field.
    """
    from hitl.cli.certificates import threshold_findings
    from hitl.document.source import read_bytes
    from hitl.document.tree import parse_yaml
    from hitl.policy.lint import lint_policy
    from hitl.policy.schema import Policy
    from hitl.policy.summary import asked_fields, summarise

    policy = Policy.load(path)
    rules = policy.lane_rules
    lines = parse_yaml(read_bytes(path), path).lines
    at = now()
    findings = (*lint_policy(rules, at), *threshold_findings(path, policy, at))
    return CheckedPolicy(path, policy, summarise(rules), asked_fields(rules), findings, lines)


def print_findings(found: CheckedPolicy) -> None:
    """Print faults, one a line, and how many there are."""
    from hitl.document.tree import field_name
    from hitl.errors import Mistake
    from hitl.render.text import one_line

    console = people()
    for one in found.findings:
        place = Mistake(str(found.path), found.line(one.at), field_name(one.at), one.message)
        text = f"{one.level}: {one.code}: {place}"
        console.print(one_line(text), soft_wrap=True)
    counts = [sum(one.level == level for one in found.findings) for level in ("error", "warning", "note")]  # fmt: skip
    console.print("{} errors, {} warnings, {} notes".format(*counts), soft_wrap=True)


def _type(one: "TypeSummary") -> dict[str, object]:
    found = asdict(one)
    found["thresholds"] = one.thresholds.model_dump() if one.thresholds else None
    return found
