"""What is assumed of reviewers' decisions, and what cannot be said of them."""

from hitl.review.reviewers.compare import FEWEST
from hitl.review.reviewers.sides import Models
from hitl.stats.peers import FEWEST_PEERS


def notes_of(models: Models, n_reviewers: int, n_unnamed: int) -> tuple[str, ...]:
    """Return the limits of a report, the gravest first."""
    found = []
    if n_reviewers <= FEWEST_PEERS:
        found.append(f"{n_reviewers} reviewers: with fewer than {FEWEST_PEERS + 1} nobody knows how much people differ, so little can be said")  # fmt: skip
    if models.previous is None:
        found.append(
            "the log holds one model, so nobody can be said to decide otherwise since a change"
        )
    if n_unnamed:
        found.append(f"{n_unnamed} decisions of people name nobody; they are in no figure")
    found += [
        "for whoever leads the review: a reason to look at cases together, not to blame; the others can be wrong",
        "decisions are compared within action types and pools; harder cases inside these are not seen",
        "decisions count as independent; people whose cases come in series differ by more than is said here",
        f"below {FEWEST} decisions in any part nothing is said of a reviewer",
    ]
    return tuple(found)
