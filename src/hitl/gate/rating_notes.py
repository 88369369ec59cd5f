"""What a reader must know about the review of a release, beside what its people found."""

from collections.abc import Iterator

from hitl.manifest.release import ReleaseManifest
from hitl.review.votes import Ratings
from hitl.review.words import Blindness, Mode
from hitl.score.expect.review import ReviewCheck
from hitl.score.rated import PeopleRatings, Standing
from hitl.score.release import ScoredRelease
from hitl.score.suite import Suite

Finding = tuple[str, str | None, str]
"""Code, subset and message."""
_SHOWN = 5


def rating_findings(manifest: ReleaseManifest, scored: ScoredRelease) -> Iterator[Finding]:
    """Yield every standing finding about the review that a release names, or should name."""
    reviewed = reviewed_subsets(scored.suite)
    people = scored.people
    if people is None:
        if reviewed:
            message = f"the golden set asks for people's approval in {_names(reviewed)} and the release names no review"
            yield "review_missing", None, message
        return
    if people.unused:
        yield people.code, None, f"no rating of {people.path} counts: {people.unused}"
        return
    if people.ratings is not None:
        yield from _about(people.ratings, manifest)
    yield from _powerless(people, reviewed)
    yield from _standings(scored, reviewed)


def reviewed_subsets(suite: Suite) -> tuple[str, ...]:
    """Return the subsets in which any case asks for people's approval, in the order of the suite."""
    return tuple(
        part.id
        for part in suite.subsets
        if any(
            isinstance(check, ReviewCheck)
            for checks in suite.checks[part.start : part.stop]
            for check in checks
        )
    )


def _about(ratings: Ratings, manifest: ReleaseManifest) -> Iterator[Finding]:
    if ratings.release_id != manifest.release_id:
        message = f"the review was packed for release {ratings.release_id}; its ratings count here only where the digests of input and reply are the same"
        yield "ratings_of_other_release", None, message
    yield from _blindness(ratings)
    causes = [one for one in ratings.problems if not _is_about_mode(one, ratings)]
    if causes:
        yield "ratings_low_agreement", None, f"ratings decide nothing: {'; '.join(causes)}"
    if ratings.is_partial:
        n = sum(item.missing_votes for item in ratings.items)
        message = f"votes that were owed are missing ({n} on the items of the release); what was given is shown and decides nothing"
        yield "ratings_partial", None, message
    out = [one for one in ratings.reviewers if one.is_excluded]
    if out:
        told = "; ".join(f"{one.reviewer[:8]}: {one.reason}" for one in out[:_SHOWN])
        message = (
            f"the votes of {len(out)} of {len(ratings.reviewers)} reviewers do not count ({told})"
        )
        yield "reviewers_excluded", None, message


def _is_about_mode(problem: str, ratings: Ratings) -> bool:
    """Say whether a problem is the one that every shadow review has, which `ratings_open` tells."""
    return ratings.mode is Mode.SHADOW and problem == ratings.problems[0]


def _blindness(ratings: Ratings) -> Iterator[Finding]:
    report = ratings.blindness
    if ratings.mode is Mode.SHADOW or report.label is Blindness.OPEN:
        message = "outputs were openly labelled as new and old: ratings of this review are a signal and no more"
        yield "ratings_open", None, message
    elif report.label is not Blindness.BLIND:
        score = "identifiability could not be measured"
        if report.accuracy is not None and report.low is not None and report.high is not None:
            score = f"identifiability {report.accuracy:.0%} [{report.low:.0%}, {report.high:.0%}], 50% is chance"
        word = "not blind" if report.label is Blindness.NOT_BLIND else "not proven to be blind"
        message = f"the review is {word}: {report.reason} ({score}, n = {report.n_pairs} pairs); raters may have known whose an output was"
        yield "ratings_not_blind", None, message


def _powerless(people: PeopleRatings, reviewed: tuple[str, ...]) -> Iterator[Finding]:
    for subset in reviewed:
        authority = people.authorities.get(subset)
        if authority is not None and authority.problems:
            what = "are a signal only" if authority.is_signal else "decide nothing, so what people should approve stays unmeasured"  # fmt: skip
            yield "ratings_no_authority", subset, f"{subset}: ratings {what}: {authority.problems[0]}"  # fmt: skip


def _standings(scored: ScoredRelease, reviewed: tuple[str, ...]) -> Iterator[Finding]:
    """Yield the replies that the review does not speak for."""
    arms = (("previous", scored.previous), ("candidate", scored.candidate))
    for part in scored.suite.subsets:
        counts = {arm: found.rated.get(part.id, {}) for arm, found in arms}
        total = sum(sum(found.values()) for found in counts.values())
        for standing, code, what in _TOLD:
            found = {arm: row.get(standing.value, 0) for arm, row in counts.items()}
            n = sum(found.values())
            if n and (standing is Standing.STALE or part.id in reviewed):
                each = ", ".join(f"{count} {arm}" for arm, count in found.items())
                message = f"{part.id}: {n} of {total} replies {what} ({each})"
                yield code, part.id, message


_TOLD = (
    (Standing.STALE, "ratings_stale", "are not those that people rated, or answer another input"),
    (Standing.UNDECIDED, "ratings_undecided", "were rated without a consensus"),
    (Standing.ABSENT, "ratings_missing", "are not in the review"),
)


def _names(subsets: tuple[str, ...]) -> str:
    more = len(subsets) - _SHOWN
    return ", ".join(subsets[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
