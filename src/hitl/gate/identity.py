"""Who answered: declared against resolved, alias against expected."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from hitl.manifest.alias import is_alias as is_alias
from hitl.manifest.release import AliasResolution


class Grade(StrEnum):
    """How well it is known who answered in an arm."""

    RESOLVED = "resolved"
    PROBED = "probed"
    """The replies repeat an alias; the server's own metadata says what stands behind it."""
    DECLARED = "declared"
    """The replies name nobody; the manifest's word stands."""
    ALIAS_ONLY = "alias_only"
    """An alias, known only by its own name."""
    MISMATCH = "mismatch"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who answered in one arm, and what is wrong with that."""

    declared: str
    resolved: tuple[str, ...]
    grade: Grade
    problem: str
    """Empty when the identity may stand."""


def identify(  # two counts of two kinds, the rule, and which arm
    declared: str,
    asked: Mapping[str, int],
    answered: Mapping[str, int],
    resolution: AliasResolution | None,
    *,
    is_candidate: bool,
    n_silent: int = 0,
) -> Identity:
    """Grade one arm's identity.

    Args:
        declared: the manifest's id of the arm.
        asked: replies by the model that they say was asked.
        answered: replies by the model that they say answered.
        resolution: the alias rule of the release; its expectation binds the candidate.
        is_candidate: which arm this is.
        n_silent: replies that do not say who answered, failed calls not counted.
    """
    resolved = tuple(sorted(answered))
    grade, problem = _judge(declared, asked, resolved, resolution, is_candidate=is_candidate)
    names = {declared, *asked}
    if not problem and n_silent and any(is_alias(name, resolution) for name in names):
        grade = Grade.ALIAS_ONLY
        problem = f"{n_silent} replies were asked of an alias and do not say who answered; record the resolved identity"
    if grade is Grade.RESOLVED and n_silent:
        grade = (
            Grade.DECLARED
        )  # some say who answered, and for the others the manifest's word stands
    return Identity(declared, resolved, grade, problem)


def probed(
    identity: Identity,
    metadata: Sequence[str],
    resolution: AliasResolution | None,
    *,
    is_candidate: bool,
) -> Identity:
    """Let a server's own metadata name what stands behind an alias.

    Args:
        identity: what the replies say; anything but `alias_only` stays as it is, unless the metadata moved.
        metadata: identities that the server told, over all probes of the run.
        resolution: the alias rule of the release; its expectation binds the candidate.
        is_candidate: which arm this is.
    """
    resolved, expected = tuple(sorted(metadata)), resolution.expected if resolution else None
    if len(resolved) > 1 and not identity.problem:
        problem = (
            f"what stands behind {identity.declared!r} moved between probes: {_names(resolved)}"
        )
        return Identity(identity.declared, resolved, Grade.MOVED, problem)
    if identity.grade is not Grade.ALIAS_ONLY or not metadata:
        return identity
    if len(resolved) > 1:
        problem = (
            f"the identity behind {identity.declared!r} moved between probes: {_names(resolved)}"
        )
        return Identity(identity.declared, resolved, Grade.MOVED, problem)
    if is_alias(resolved[0], resolution):
        return identity
    if is_candidate and expected is not None and resolved[0] != expected:
        problem = f"{resolved[0]!r} stands behind {identity.declared!r}, alias_resolution expects {expected!r}"
        return Identity(identity.declared, resolved, Grade.MISMATCH, problem)
    return Identity(identity.declared, resolved, Grade.PROBED, "")


def _judge(
    declared: str,
    asked: Mapping[str, int],
    resolved: tuple[str, ...],
    resolution: AliasResolution | None,
    *,
    is_candidate: bool,
) -> tuple[Grade, str]:
    alias = resolution.alias if resolution else None
    strangers = sorted(name for name in asked if name not in (declared, alias))
    if strangers:
        problem = f"the replies were asked of {_names(strangers)}, the manifest declares {declared!r}; are the arms swapped?"
        return Grade.MISMATCH, problem
    if len(resolved) > 1:
        problem = f"the identity moved in mid-run: {_names(resolved)} answered for {declared!r}"
        return Grade.MOVED, problem
    who = resolved[0] if resolved else declared
    if is_alias(who, resolution):
        problem = f"{who!r} is an alias and nothing says what stands behind it; record the resolved identity"
        return Grade.ALIAS_ONLY, problem
    expected = resolution.expected if resolution and is_candidate else None
    if expected is not None and who != expected:
        return Grade.MISMATCH, f"{who!r} answered, alias_resolution expects {expected!r}"
    if who != declared and not (is_alias(declared, resolution) and expected == who):
        return Grade.MISMATCH, f"{who!r} answered, the manifest declares {declared!r}"
    return (Grade.RESOLVED if resolved else Grade.DECLARED), ""


def _names(names: Sequence[str]) -> str:
    shown = ", ".join(repr(name) for name in names[:5])
    return f"{shown} and {len(names) - 5} more" if len(names) > 5 else shown
