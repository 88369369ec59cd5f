"""What a reader must know about the judges of a release, beside what they found."""

from collections.abc import Iterator, Mapping

from hitl.gate.identity import Identity
from hitl.manifest.release import ReleaseManifest
from hitl.score.expect.judge import JudgeCheck
from hitl.score.judge.authority import is_signal_only
from hitl.score.judge.family import family_of
from hitl.score.judge.identity import answers_by_endpoint
from hitl.score.judge.summary import JudgeSummary
from hitl.score.judge.work import judged_positions
from hitl.score.release import ScoredRelease

Finding = tuple[str, str | None, str]
"""Code, subset and message."""


def judge_findings(
    manifest: ReleaseManifest, scored: ScoredRelease, identities: Mapping[str, Identity]
) -> Iterator[Finding]:
    """Yield every standing finding about the judges of a release."""
    if not scored.judges and judged_positions(scored.suite):
        message = "the golden set has judge rules and no judge has run; name a judge model in the release manifest"
        yield "judge_missing", None, message
    for rule, subset in _toothless(scored):
        message = f"{subset}: `{rule}` asks for no more than the lowest grade, so every graded reply passes"
        yield "toothless_rule", subset, message
    yield from _corrections(manifest, scored)
    for judge in scored.judges:
        name = f"judge {judge.model} ({judge.question.rubric})"
        if arms := same_family_arms(judge.model, identities):
            family = family_of(judge.model)
            message = f"{name} is of the family {family}, as is the {' and the '.join(arms)} arm: a judge favours its own"
            yield "judge_same_family", None, message
        for subset in judge.signal_in:
            message = f"{name} has no authority in {subset}: {judge.problems[0]}"
            yield "judge_without_authority", subset, message
        yield from _unnamed(name, judge, manifest)
        yield from _unreliable(name, judge, 1 - manifest.confidence)


def _unnamed(name: str, judge: JudgeSummary, manifest: ReleaseManifest) -> Iterator[Finding]:
    """Yield that answers of a judge on this machine do not say who gave them; of an endpoint's, authority tells."""
    spent, spec = judge.spending, manifest.judge
    if spec is not None and spent.n_unnamed and not answers_by_endpoint(spec.model):
        message = (
            f"{name}, a judge by {spec.model.provider}, names no model in {spent.n_unnamed} of {spent.n_calls} answers: "
            "its program stands in its id, and a model that it asks elsewhere does not"
        )
        yield "judge_unnamed", None, message


def _corrections(manifest: ReleaseManifest, scored: ScoredRelease) -> Iterator[Finding]:
    """Yield what people's labels make of judged differences, or that there are none."""
    for found in scored.corrected:
        n, people = found.corrected.n_labelled, found.corrected
        if people.estimate is None or found.judged is None:
            message = f"{found.subset}: labels do not correct the judge: {people.reason}"
        else:
            message = (
                f"{found.subset}: the judge sees a difference of {found.judged * 100:+.1f} points in {found.n_cases} cases; "
                f"{n} labelled ones make it {people.estimate * 100:+.1f} points"
            )
        yield "judge_corrected", found.subset, message
    if manifest.judge is not None and manifest.judge.labels is None:
        graded = [judge for judge in scored.judges if not judge.question.pairwise]
        for subset in sorted({name for judge in graded for name in judge.counts_in}):
            if is_signal_only(manifest, subset):
                continue
            message = f"{subset} stands on a judge's grades alone; labels of people on a random part of the same replies (judge.labels) would show whether it favours an arm"
            yield "judge_uncorrected", subset, message


def _toothless(scored: ScoredRelease) -> list[tuple[str, str]]:
    """Return (rule, subset) of each judge rule that no grade can fail."""
    suite = scored.suite
    found = {
        (check.rule, suite.subset_of(position))
        for position in judged_positions(suite)
        for check in suite.checks[position]
        if isinstance(check, JudgeCheck)
        and check.at_least is not None
        and check.at_least <= suite.rubrics[check.question.rubric].scale[0]
    }
    return sorted(found)


def same_family_arms(judge: str, identities: Mapping[str, Identity]) -> tuple[str, ...]:
    """Return the arms whose declared or resolved model is of the judge's family."""
    family = family_of(judge)
    return tuple(
        arm
        for arm, identity in identities.items()
        if family in {family_of(model) for model in (identity.declared, *identity.resolved)}
    )


def _unreliable(name: str, judge: JudgeSummary, level: float) -> Iterator[Finding]:
    for arm, found in judge.arms.items():
        if found.n_unscored:
            detail = ", ".join(f"{count} {reason}" for reason, count in found.unscored.items())
            message = f"{name} left {found.n_unscored} of {found.n_asked} {arm} replies without a grade ({detail})"
            yield "judge_unscored", None, message
    pairs = judge.pairs
    if pairs is None:
        return
    if pairs.n_unscored:
        detail = ", ".join(f"{count} {reason}" for reason, count in pairs.unscored.items())
        message = f"{name} left {pairs.n_unscored} of {pairs.n_asked} comparisons without a result ({detail})"
        yield "judge_unscored", None, message
    if pairs.first_p_value is not None and pairs.first_p_value <= level:
        message = (
            f"{name} is moved by the order of the replies: it prefers the first in {pairs.first_share:.0%} of its answers, "
            f"and {pairs.n_flips} of {pairs.n_compared} comparisons flip (p = {pairs.first_p_value:.2g}); these are ties"
        )
        yield "judge_order", None, message
