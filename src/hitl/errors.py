"""Everything that can go wrong on purpose, and the exit code that each carries.

HitlError                    the root; one `except` at the door catches it
├── DocumentError            a file that cannot be used as written; every mistake at once    exit 2
├── UsageError               a command called in a way that cannot work                      exit 2
├── EvidenceError            nothing to judge: no cases, an arm missing or only failing      exit 12
│   └── StoppedError         a live run stopped before its end; what is answered is kept     exit 12
├── RunInterruptedError      a run was stopped by hand; it can be resumed                    exit 130
└── RefusedError             the review page did not do what a reviewer asked; told there    exit 2
    ├── NoSuchItemError      the item is not one of theirs                                   exit 2
    ├── LockedError          their votes are final                                           exit 2
    ├── ClosedError          voting has ended                                                exit 2
    ├── TakenError           the item is somebody else's now                                 exit 2
    ├── StaleError           what was sent is older than what was saved                      exit 2
    ├── UnfitError           what was sent is incomplete                                     exit 2
    └── DeniedError          the request is not let in                                       exit 2
        └── NotEnteredError  nobody has entered, or the session has ended                    exit 2
"""

from dataclasses import dataclass
from enum import IntEnum


class ExitCode(IntEnum):
    """What a command returns to the shell; a verdict is never 1 or 2."""

    OK = 0
    FAULT = 1
    USAGE = 2
    HOLD = 10
    REVERT = 11
    NO_JUDGEMENT = 12
    INTERRUPTED = 130


class HitlError(Exception):
    """Root of every error that hitl raises on purpose; the message says what to do next."""

    exit_code = ExitCode.USAGE


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """One thing wrong in one place of a file."""

    file: str
    line: int
    """1-based; 0 when the whole file is meant."""
    field: str
    """Path inside the document, such as `gate_classes[2].margin`; empty for the whole."""
    problem: str
    """What is wrong; what is expected."""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return ": ".join(part for part in (place, self.field, self.problem) if part)


class DocumentError(HitlError):
    """A file cannot be used as written; carries every mistake that was found."""

    shown = 50

    def __init__(self, mistakes: list[Mistake]) -> None:
        self.mistakes = tuple(sorted(set(mistakes)))
        lines = [str(mistake) for mistake in self.mistakes[: self.shown]]
        if len(self.mistakes) > self.shown:
            lines.append(f"... and {len(self.mistakes) - self.shown} more mistakes")
        super().__init__("\n".join(lines))


class UsageError(HitlError):
    """The command cannot do what it was asked; says what would work."""


class EvidenceError(HitlError):
    """There is nothing to judge; says what is missing and where it was expected."""

    exit_code = ExitCode.NO_JUDGEMENT


class RunInterruptedError(HitlError):
    """Somebody stopped a run; says how far it came and how to go on."""

    exit_code = ExitCode.INTERRUPTED
