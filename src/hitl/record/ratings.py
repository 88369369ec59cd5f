"""What the record says of a review, from its ratings and from how the release's replies stand to them."""

from collections import Counter
from collections.abc import Iterator, Sequence

from hitl.gate.rating_notes import reviewed_subsets
from hitl.golden.case import Severity
from hitl.record.ratings_parts import (
    ArmFiguresPart,
    BlindnessPart,
    CoefficientPart,
    CoveragePart,
    FoundPart,
    PreferencesPart,
    RatedCasePart,
    RaterPart,
    RatingsPart,
    ReasonPart,
    VotePart,
)
from hitl.record.shown import Shown
from hitl.review.tables import counting
from hitl.review.votes import RatedItem, RatedVote, Ratings
from hitl.review.words import Action
from hitl.run.arm import Arm
from hitl.score.rated import PeopleRatings
from hitl.score.release import ScoredRelease

MOST_REASONS = 8
REASON_SHOWN = 300
"""Characters of a reason."""
MOST_CASES = 200
"""Failed cases whose votes the record keeps."""
_GRAVEST = tuple(reversed(Severity))


def ratings_part(scored: ScoredRelease, shown: Shown) -> RatingsPart | None:
    """Return the review that a release names; None where it names none."""
    people = scored.people
    if people is None:
        return None
    found = None if people.unused or people.ratings is None else people.ratings
    return RatingsPart(
        path=people.path,
        unused=people.unused,
        found=None if found is None else _found(found, people, scored, shown),
    )


def _found(
    ratings: Ratings, people: PeopleRatings, scored: ScoredRelease, shown: Shown
) -> FoundPart:
    return FoundPart(
        review_id=ratings.review_id,
        release_id=ratings.release_id,
        mode=ratings.mode.value,
        raters=ratings.raters,
        consensus_method=ratings.consensus_method.value,
        consensus_note=ratings.consensus_note,
        locked_at=ratings.locked_at,
        is_partial=ratings.is_partial,
        rules_digest=ratings.rules_digest,
        key_digest=ratings.key_digest,
        blindness=BlindnessPart.of(ratings.blindness),
        problems=ratings.problems,
        least_agreement=ratings.least_agreement,
        agreement=tuple(map(CoefficientPart.of, ratings.agreement)),
        reviewers=tuple(map(RaterPart.of, ratings.reviewers)),
        coverage=tuple(_coverage(ratings, people, scored)),
        preferences=PreferencesPart.of(ratings.preferences) if ratings.preferences else None,
        rates={name: ArmFiguresPart.of(found) for name, found in ratings.rates.items()},
        n_adjudicated=sum(item.is_adjudicated for item in ratings.items),
        n_open=len(ratings.adjudication),
        categories=_categories(ratings.items),
        reasons=tuple(_reasons(ratings.items, shown)),
        cases=tuple(_cases(ratings.items, scored, shown)),
    )


def _coverage(
    ratings: Ratings, people: PeopleRatings, scored: ScoredRelease
) -> Iterator[CoveragePart]:
    subsets = dict.fromkeys((*(part.id for part in scored.suite.subsets), *ratings.population))
    own = [name for name in subsets if ratings.population.get(name)]
    reviewed = reviewed_subsets(scored.suite)
    parts = [
        _covered(name, ratings, scored, _decides(name, people, reviewed))
        for name in dict.fromkeys((*own, *(name for name in subsets if name in reviewed)))
    ]
    replies: Counter[str] = Counter()
    for part in parts:
        replies.update(part.replies)
    decides = {part.decides for part in parts}
    yield CoveragePart(
        subset="",
        n_population=sum(part.n_population for part in parts),
        n_chosen=sum(part.n_chosen for part in parts),
        n_rated=sum(part.n_rated for part in parts),
        n_settled=sum(part.n_settled for part in parts),
        decides=next((word for word in ("no", "yes", "signal") if word in decides), "nothing"),
        replies=dict(sorted(replies.items())),
    )
    yield from parts


def _covered(name: str, ratings: Ratings, scored: ScoredRelease, decides: str) -> CoveragePart:
    places: dict[tuple[str, int], list[RatedItem]] = {}
    for item in ratings.items:
        if item.subset == name:
            places.setdefault((item.case_id, item.repeat), []).append(item)
    replies = Counter(scored.previous.rated.get(name, {}))
    replies.update(scored.candidate.rated.get(name, {}))
    return CoveragePart(
        subset=name,
        n_population=ratings.population.get(name, 0),
        n_chosen=len(places),
        n_rated=sum(all(any(counting(one)) for one in items) for items in places.values()),
        n_settled=sum(
            all(set(one.replies) == set(one.consensus) for one in items)
            for items in places.values()
        ),
        decides=decides,
        replies=dict(sorted(replies.items())),
    )


def _decides(name: str, people: PeopleRatings, reviewed: Sequence[str]) -> str:
    authority = people.authorities.get(name)
    if name not in reviewed or authority is None:
        return "nothing"
    if authority.is_signal:
        return "signal"
    return "yes" if authority.counts else "no"


def _categories(items: Sequence[RatedItem]) -> dict[str, dict[str, int]]:
    found: dict[str, Counter[str]] = {arm.value: Counter() for arm in Arm}
    for item in items:
        for vote in counting(item):
            for arm, category in vote.categories.items():
                found[arm.value][category.value] += 1
    return {arm: dict(counts.most_common()) for arm, counts in found.items()}


def _reasons(items: Sequence[RatedItem], shown: Shown) -> Iterator[ReasonPart]:
    """Yield some reasons for not approving a reply, of the gravest cases first, one of each case before a second."""
    found: list[tuple[int, int, str, RatedVote, Arm, RatedItem]] = []
    for item in items:
        told = [vote for vote in counting(item) if vote.reason.strip()]
        pairs = [(vote, arm) for vote in told for arm in _refused(vote)]
        gravity = _GRAVEST.index(item.severity)
        found += [(at, gravity, item.item_id, *pair, item) for at, pair in enumerate(pairs)]
    found.sort(key=lambda row: row[:3])
    for *_, vote, arm, item in found[:MOST_REASONS]:
        yield ReasonPart(
            case_id=item.case_id,
            arm=arm.value,
            action=vote.actions[arm].value,
            reviewer=vote.reviewer,
            text=_cut(vote.reason, shown),
        )


def _refused(vote: RatedVote) -> Iterator[Arm]:
    """Yield one arm that a vote does not approve, the candidate first: a reason is written once for both."""
    yield from [arm for arm in reversed(Arm) if vote.actions.get(arm, Action.APPROVE) is not Action.APPROVE][:1]  # fmt: skip


def _cases(
    items: Sequence[RatedItem], scored: ScoredRelease, shown: Shown
) -> Iterator[RatedCasePart]:
    failed = {scored.suite.cases[position].id for position in scored.candidate.kept}
    own = [item for item in items if item.case_id in failed]
    for item in own[:MOST_CASES]:
        yield RatedCasePart(
            case_id=item.case_id,
            repeat=item.repeat,
            outcome=item.outcome.value if item.outcome else None,
            consensus={arm.value: action.value for arm, action in item.consensus.items()},
            votes={
                arm.value: tuple(_vote(vote, arm, shown) for vote in item.votes if arm in vote.actions)
                for arm in item.replies
            },
        )  # fmt: skip


def _vote(vote: RatedVote, arm: Arm, shown: Shown) -> VotePart:
    category = vote.categories.get(arm)
    return VotePart(
        reviewer=vote.reviewer,
        role=vote.role.value,
        action=vote.actions[arm].value,
        category=category.value if category else None,
        counts=vote.counts,
        reason=_cut(vote.reason, shown),
    )


def _cut(text: str, shown: Shown) -> str:
    """Redact, then cut: half an address at the cut could not be told from a word."""
    return shown.text(text)[:REASON_SHOWN] if text else ""
