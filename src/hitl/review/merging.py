"""All ballots of a review as one: checked, unblinded, and concluded from.

The same folder gives the same ratings: a gate merges again and believes no file of results.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

import numpy as np

from hitl.digest import digest
from hitl.review.agreement import coefficients
from hitl.review.checking import check_ballots, check_complete, check_partial, lacking, owed
from hitl.review.comparison import preferences, rates
from hitl.review.consensus import settle
from hitl.review.folder import ReviewFolder
from hitl.review.parts import ReviewKey
from hitl.review.problems import rating_problems
from hitl.review.qualifying import reviewer_result
from hitl.review.tables import action_units, preference_units, table_of
from hitl.review.unblinding import open_key, rated_item, rated_vote
from hitl.review.votes import Coefficient, RatedItem, RatedVote, Ratings, ReviewerResult
from hitl.review.words import Mode

Chance = Callable[[str], np.random.Generator]
_NOBODY: Mapping[str, str] = MappingProxyType({})


def merge_review(
    review: ReviewFolder,
    chance: Chance,
    *,
    is_partial: bool = False,
    shares: Mapping[str, str] = _NOBODY,
) -> Ratings:
    """Return what the people of a review say together.

    Args:
        review: a folder that was loaded, so that its digests hold.
        chance: a seeded generator for each name.
        is_partial: count what is there although votes are missing. What is missing stays so: it settles nothing.
        shares: the parts of the key of reviewers who never locked, by reviewer, beside those that were released.

    Raises:
        DocumentError: a ballot is forged, foreign, edited or there twice; every fault with file and field. Or the key
            and the packets are not of one review.
        EvidenceError: votes are missing, or the key does not open.
        UsageError: a part of the key is of no reviewer.
    """
    check_ballots(review)
    shares = {**review.released, **shares}
    is_short = not _is_complete(review, shares, is_partial=is_partial)
    key = open_key(review, shares)
    rules, names = review.plan.rules, {one.reviewer: one for one in owed(review)}
    reviewers = tuple(
        reviewer_result(one, review.ballots.get(name), key, rules.qualification_pass)
        for name, one in sorted(names.items())
    )
    settled = settle(_items(review, key, reviewers), rules)
    agreement = tuple(_agreement(settled.items, chance))
    return Ratings(
        review_id=key.review_id,
        release_id=key.release_id,
        workflow_id=key.workflow_id,
        previous_model=key.previous_model,
        candidate_model=key.candidate_model,
        mode=rules.mode,
        raters=rules.raters,
        consensus_method=settled.method,
        consensus_note=settled.note,
        blindness=rules.blindness,
        sample=rules.sample,
        population=key.population,
        rules_digest=digest(rules.model_dump(mode="json")),
        key_digest=review.plan.key_digest,
        locked_at=max(
            (ballot.locked_at for ballot in review.ballots.values()),
            key=datetime.fromisoformat,  # as text, a second with a fraction sorts before the whole one
            default=None,
        ),
        is_partial=is_short,
        reviewers=reviewers,
        items=settled.items,
        agreement=agreement,
        least_agreement=rules.least_agreement,
        problems=tuple(rating_problems(rules, reviewers, agreement)),
        preferences=None if rules.mode is Mode.SINGLE else preferences(settled.items),
        rates=rates(settled.items, rules.mode),
        adjudication=settled.adjudication,
    )


def _is_complete(review: ReviewFolder, shares: Mapping[str, str], *, is_partial: bool) -> bool:
    """Say whether nothing is owed; where something is, refuse unless a part will do."""
    if not is_partial:
        check_complete(review, shares)
        check_partial(review, shares)
        return True
    check_partial(review, shares)
    return not lacking(review, shares)


def _items(
    review: ReviewFolder, key: ReviewKey, reviewers: Sequence[ReviewerResult]
) -> tuple[RatedItem, ...]:
    """Return the unsealed items with their votes, in the order of cases."""
    items = {item.item_id: item for item in key.items}
    votes: dict[str, list[RatedVote]] = {item_id: [] for item_id in items}
    for reviewer in reviewers:
        ballot = review.ballots.get(reviewer.reviewer)
        for vote in ballot.votes if ballot else ():
            if (item := items.get(vote.item_id)) is not None:
                packet = review.packets[reviewer.reviewer]
                rated = rated_vote(vote, item, packet, key)
                counted = rated.model_copy(update={"counts": not reviewer.is_excluded})
                votes[vote.item_id].append(counted)
    ordered = sorted(items.values(), key=lambda item: (item.case_id, item.repeat, item.item_id))
    return tuple(rated_item(item, votes[item.item_id]) for item in ordered)


def _agreement(items: Sequence[RatedItem], chance: Chance) -> Iterator[Coefficient]:
    actions, pairs = tuple(action_units(items)), tuple(preference_units(items))
    yield from coefficients(table_of("action", actions, items), chance("agreement of actions"))
    if pairs:
        table = table_of("preference", pairs, items)
        yield from coefficients(table, chance("agreement of preferences"))
