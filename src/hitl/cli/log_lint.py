"""What `hitl log lint` does: look at a log, and tell what was found."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hitl.cli.clock import now
from hitl.cli.log_options import mapping_of, opened_log
from hitl.cli.output import people, print_json
from hitl.decisions.query import EngineName
from hitl.decisions.trace import lint_log
from hitl.errors import ExitCode
from hitl.render.log import log_lines, report_json


@dataclass(frozen=True, slots=True)
class LintAsked:
    """How a log is looked at."""

    mapping: Path | None
    policy: Path | None
    """Says how the log is read where no mapping does."""
    memory_mb: int
    engine: EngineName


def run_lint(logs: Sequence[str], asked: LintAsked, *, as_json: bool) -> int:
    """Print what a log holds and lacks; return the exit code.

    Raises:
        DocumentError: a log, a mapping or a policy that cannot be used.
        UsageError: the engine is not installed, or does not start.
    """
    read_as = mapping_of(asked.mapping, asked.policy)
    with opened_log(logs, now(), read_as, asked.memory_mb, asked.engine) as log:
        report = lint_log(log)
    if as_json:
        print_json(report_json(report))
    else:
        console = people()
        for line in log_lines(report):
            console.print(line, soft_wrap=True)
    return ExitCode.USAGE if report.has_errors else ExitCode.OK
