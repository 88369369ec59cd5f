"""What is called wrong with either arm, counted as the record counts it."""

from pathlib import Path

from hitl.render.review.ratings_words import category_rows
from hitl.review.tables import counting
from tests.review.by_hand import a_pair, a_review


def test_an_adjudicator_does_not_count_as_one_more_rater(tmp_path: Path) -> None:
    """Three raters differ, the adjudicator rejects as well: whose votes are counted are the raters'."""
    made = a_review(tmp_path, [a_pair(number) for number in range(4)], adjudicators=("dora",))
    raters = {
        name: dict.fromkeys(range(4), ("approve", action, "loss"))
        for name, action in (("alice", "modify"), ("bob", "reject"), ("carol", "escalate"))
    }
    found = made.said(
        **raters, dora=dict.fromkeys(range(4), ("approve", "reject", "loss"))
    ).merged()
    by_hand = sum(len(vote.categories) for item in found.items for vote in counting(item))
    assert sum(len(vote.categories) for item in found.items for vote in item.votes) > by_hand > 0
    assert sum(row.previous + row.candidate for row in category_rows(found)) == by_hand
