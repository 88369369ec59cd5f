"""Ratings as Markdown; every text in it stays text."""

from collections.abc import Iterable, Iterator

from hitl.render import numbers
from hitl.render.markdown_text import code, prose
from hitl.render.review import ratings_words as said
from hitl.review.votes import Ratings

_LINE = 900


def ratings_markdown(ratings: Ratings) -> str:
    """Return what the people of a review say together."""
    return "\n\n".join(filter(None, _parts(ratings))) + "\n"


def _parts(ratings: Ratings) -> Iterator[str]:
    yield f"# Ratings: {prose(ratings.release_id)}"
    yield f"**{prose(said.headline(ratings), _LINE)}**"
    yield prose(f"{ratings.previous_model} → {ratings.candidate_model}")
    yield prose(said.standing(ratings))
    yield _list("Why they decide nothing", ratings.problems)
    if ratings.preferences is not None:
        yield _list("Preference", [said.net(ratings.preferences)])
    yield _rates(ratings)
    yield _list("Blindness", [said.blindness(ratings.blindness), *said.tells(ratings.blindness)])
    yield _agreement(ratings)
    yield _reviewers(ratings)
    yield _categories(ratings)
    yield _list("To adjudicate", said.open_items(ratings))
    notes = [line for line in said.limits(ratings) if line not in ratings.problems]
    yield _list("Coverage", [*notes, said.sample(ratings)])
    yield f"<sub>Review {code(ratings.review_id, 64)}, sealed key {code(ratings.key_digest, 64)}, rules {code(ratings.rules_digest, 64)}.</sub>"


def _rates(ratings: Ratings) -> str:
    rows = [
        [
            prose(f"{row.title}: {row.reason}" if row.reason else row.title, _LINE),
            f"{row.previous} ({row.previous_range})",
            f"{row.candidate} ({row.candidate_range})",
            f"{row.difference} ({row.difference_range})",
            row.n,
        ]
        for row in said.rate_rows(ratings)
    ]
    return _table(
        "Both arms side by side", ["Votes", "Previous", "Candidate", "Difference", "n"], rows
    )


def _agreement(ratings: Ratings) -> str:
    rows = [
        [
            prose(said.coefficient_name(one)),
            numbers.grade(one.estimate),
            said.coefficient_range(one),
            f"{one.n:,}",
            prose(one.reason or one.method, _LINE),
        ]
        for one in ratings.agreement
    ]
    return _table(
        "Agreement", ["Coefficient", "Estimate", "Interval", "n", "Method, or why not"], rows
    )


def _reviewers(ratings: Ratings) -> str:
    rows = [
        [
            one.reviewer,
            one.role.value,
            "no" if one.is_excluded else "yes",
            prose(said.reviewer_words(one), _LINE),
        ]
        for one in ratings.reviewers
    ]
    return _table("Reviewers", ["Reviewer", "Role", "Counts", "Votes"], rows)


def _categories(ratings: Ratings) -> str:
    rows = [[prose(row.title), f"{row.previous:,}", f"{row.candidate:,}"] for row in said.category_rows(ratings)]  # fmt: skip
    return _table("What votes call wrong", ["Category", "Previous", "Candidate"], rows)


def _list(title: str, lines: Iterable[str]) -> str:
    items = [f"- {prose(line, _LINE)}" for line in lines]
    return "\n".join([f"## {title}\n", *items]) if items else ""


def _table(title: str, head: list[str], rows: list[list[str]]) -> str:
    if not rows:
        return ""
    lines = [head, ["---"] * len(head), *rows]
    return f"## {title}\n\n" + "\n".join("| " + " | ".join(line) + " |" for line in lines)
