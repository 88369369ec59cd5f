"""From the ratings of a review to what the checks look up, and what the ratings may decide in each subset."""

from collections import Counter
from collections.abc import Iterator, Mapping

from hitl.manifest.release import ReleaseManifest
from hitl.review.tables import counting
from hitl.review.votes import RatedItem, Ratings
from hitl.review.words import Action, Role
from hitl.run.arm import Arm
from hitl.score.judge.authority import is_signal_only
from hitl.score.judged import ReplyKey
from hitl.score.rated import PeopleRatings, RatedReply, RatingAuthority
from hitl.score.suite import Suite

NOT_CLOSED = "review_not_closed"
FOREIGN = "ratings_of_other_models"


def without_ratings(path: str, code: str, why: str) -> PeopleRatings:
    """Return a review that is named and says nothing yet; `why` is what every `review` rule answers."""
    return PeopleRatings(path, None, why, code)


def people_ratings(
    path: str, ratings: Ratings, suite: Suite, manifest: ReleaseManifest
) -> PeopleRatings:
    """Return a review as the checks look it up.

    Ratings count for the release whose workflow and models they are of; what exactly was rated, digests say, reply by
    reply. Where a model is another, or the arms are swapped, none is used. In a subset that can stop the release they
    decide only where nothing is missing, the raters agree, and nobody was told whose output is whose.

    Args:
        path: of the review's folder, as the manifest says it.
        ratings: merged from its ballots just now.
        suite: the cases that are graded.
        manifest: of the release.
    """
    if why := "; ".join(_foreign(ratings, manifest)):
        return PeopleRatings(path, ratings, f"the review is of something else: {why}", FOREIGN)
    problems = (*_partial(ratings), *ratings.problems)
    return PeopleRatings(
        path,
        ratings,
        replies=_replies(ratings),
        authorities={
            part.id: RatingAuthority(problems, is_signal_only(manifest, part.id))
            for part in suite.subsets
        },
    )


def _foreign(ratings: Ratings, manifest: ReleaseManifest) -> Iterator[str]:
    for what, rated, wanted in (
        ("workflow", ratings.workflow_id, manifest.workflow_id),
        ("previous model", ratings.previous_model, manifest.previous_model.id),
        ("candidate model", ratings.candidate_model, manifest.candidate_model.id),
    ):
        if rated != wanted:
            yield f"its {what} is {rated}, the release's is {wanted}"


def _partial(ratings: Ratings) -> Iterator[str]:
    if ratings.is_partial:
        yield "votes that were owed are missing, so the review is not whole"


def _replies(ratings: Ratings) -> Mapping[ReplyKey, RatedReply]:
    found: dict[ReplyKey, RatedReply] = {}
    places = Counter(key for item in ratings.items for key in _keys(item))
    for item in ratings.items:
        for key in _keys(item):
            found[key] = RatedReply(
                case_digest=item.case_digest,
                reply_digest=item.replies[key.arm],
                consensus=item.consensus.get(key.arm),
                said=votes_in_words(item, key.arm, ratings.raters),
                is_once=places[key] == 1,
            )
    return found


def _keys(item: RatedItem) -> Iterator[ReplyKey]:
    yield from (ReplyKey(arm, item.case_id, item.repeat) for arm in item.replies)


def votes_in_words(item: RatedItem, arm: Arm, raters: int) -> str:
    """Return how the votes on one reply fell: words of closed sets and counts, nothing that anybody typed.

    Such as `people: reject, 2 of 3: wrong`, or `people: undecided, 1 approve : 1 reject; let an adjudicator decide`.
    """
    votes = [vote for vote in counting(item) if arm in vote.actions]
    counts = Counter(vote.actions[arm] for vote in votes)
    action = item.consensus.get(arm)
    if action is None:
        return _undecided(counts, len(votes), raters)
    ruled = [one for one in counting(item, Role.ADJUDICATOR) if one.actions.get(arm) is action]
    is_ruled = item.is_adjudicated and bool(ruled) and 2 * counts[action] <= raters
    who = "decided by an adjudicator" if is_ruled else f"{counts[action]} of {len(votes)}"
    named = ruled if is_ruled else [one for one in votes if one.actions[arm] is action]
    kinds = Counter(one.categories[arm].value for one in named if arm in one.categories)
    why = ", ".join(kind for kind, _ in sorted(kinds.items(), key=lambda kind: (-kind[1], kind[0])))
    return f"people: {action}, {who}" + (f": {why}" if why else "")


def _undecided(counts: Counter[Action], n: int, raters: int) -> str:
    fell = " : ".join(f"{counts[action]} {action}" for action in Action if counts[action])
    missing = raters - n
    if 2 * n <= raters:
        return f"people: undecided, {n} of {raters} votes count" + (f" ({fell})" if fell else "")
    lacks = f", {missing} missing" if missing > 0 else ""
    return f"people: undecided, {fell}{lacks}; let an adjudicator decide"
