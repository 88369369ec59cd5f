"""How the run was conducted: what keeps a comparison from being fair, and what people should know of it."""

from collections.abc import Iterator, Mapping

from hitl.gate.notes import NoteResult
from hitl.gate.verdict import ReasonResult
from hitl.manifest.release import ReleaseManifest
from hitl.run.conduct import ArmConduct, RunFacts, unequal_settings

ARMS = ("previous", "candidate")

STARVED_AT = 3
"""Failed calls of one arm from which it is compared with the other."""


def conduct_problems(manifest: ReleaseManifest, facts: RunFacts) -> Iterator[ReasonResult]:
    """Yield what caps the verdict: settings that differ between the arms and were not meant to."""
    unequal = unequal_settings(
        facts.arm("previous"), facts.arm("candidate"), manifest.differing_params
    )
    if unequal:
        message = (
            f"the arms were asked with unequal settings: {'; '.join(unequal)}; a difference of the replies may be theirs. "
            "Make them equal, or declare them under differing_params"
        )
        yield ReasonResult("unequal_settings", None, None, message)


def conduct_notes(manifest: ReleaseManifest, facts: RunFacts) -> Iterator[NoteResult]:
    """Yield what people should know of the run."""
    for arm in ARMS:
        yield from _arm_notes(arm, facts.arm(arm))
    yield from _starved(facts.arms)
    recorded = _recorded_difference(manifest, facts)
    if recorded:
        yield NoteResult(
            "recorded_settings_differ", None, f"the manifest states unequal settings: {recorded}"
        )
    if facts.n_set_aside:
        message = (
            f"{facts.n_set_aside} earlier runs of this release were set aside (--fresh); "
            "asking until the answer pleases is no measurement: their journals stand beside this one"
        )
        yield NoteResult("runs_set_aside", None, message)
    if any(facts.replaced.values()):
        failed, answered = facts.replaced.get("failed", 0), facts.replaced.get("answered", 0)
        message = f"{failed} failed and {answered} answered calls were made again in a later session; the later reply counts"
        yield NoteResult("calls_made_again", None, message)
    if facts.golden_set_changed:
        message = "the golden set has changed since its cases were asked: the replies are older than what is expected of them"
        yield NoteResult("golden_set_changed", None, message)


def _arm_notes(arm: str, conduct: ArmConduct) -> Iterator[NoteResult]:
    tally = conduct.tally
    if conduct.dropped:
        message = f"the endpoint of the {arm} arm takes {', '.join(conduct.dropped)} and does not honour it"
        yield NoteResult("dropped_params", None, message)
    for note in conduct.notes:
        yield NoteResult("endpoint", None, f"{arm} arm: {note}")
    for kind in ("refused", "truncated", "empty"):
        if count := tally.endings[kind]:
            n = tally.endings.total()
            yield NoteResult(f"{kind}_replies", None, f"{count} of {n} {arm} replies were {kind}")
    if conduct.n_old:
        message = f"{conduct.n_old} {arm} replies are older than limits.max_age_hours and were used on demand (--reuse-old); the oldest is of {tally.oldest}"
        yield NoteResult("old_replies", None, message)
    if tally.n_retried:
        message = f"{tally.n_retried} {arm} calls took more than one attempt; none was tried again for what it said"
        yield NoteResult("retried_calls", None, message)


def _starved(arms: Mapping[str, ArmConduct]) -> Iterator[NoteResult]:
    """An arm whose calls fail more often than the other's is compared on what its server let through."""
    failed = {arm: arms[arm].tally.endings["failed"] for arm in ARMS if arm in arms}
    if len(failed) < len(ARMS):
        return
    worse, better = sorted(ARMS, key=lambda arm: -failed[arm])
    if failed[worse] >= STARVED_AT and failed[worse] > 2 * failed[better]:
        faults = ", ".join(
            f"{count} {name}" for name, count in arms[worse].tally.faults.most_common()
        )
        message = f"the {worse} arm was starved: {failed[worse]} of its calls failed ({faults}), {failed[better]} of the other's"
        yield NoteResult("starved_arm", None, message)


def _recorded_difference(manifest: ReleaseManifest, facts: RunFacts) -> str:
    """Name the settings that the manifest states differently for arms that were not both asked now."""
    if all(facts.arm(arm).is_live for arm in ARMS):
        return ""
    before, after = manifest.previous_model.params, manifest.candidate_model.params
    shared = sorted((before.keys() & after.keys()) - set(manifest.differing_params))
    return "; ".join(
        f"{name} ({before[name]!r} against {after[name]!r})"[:160]
        for name in shared
        if before[name] != after[name]
    )
