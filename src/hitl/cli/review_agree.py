"""What `hitl review agree` reads and prints."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hitl.cli.output import people, print_json
from hitl.errors import UsageError
from hitl.review.words import Scale

if TYPE_CHECKING:
    from hitl.review.agreement_parts import AgreementReport
    from hitl.review.votes import RatedItem

_SEED = 0


@dataclass(frozen=True, slots=True)
class LabelAsk:
    """Where labels stand, and what they are."""

    raters: tuple[str, ...]
    unit: str
    rater: str
    label: str
    scale: Scale
    order: tuple[str, ...]
    by: str
    cluster: str

    @property
    def names_columns(self) -> bool:
        """Whether it says where labels stand."""
        return bool(self.raters or self.rater or self.label or self.unit)

    def check(self) -> None:
        """Refuse half a choice.

        Raises:
            UsageError: neither way of writing labels is named whole, or both are.
        """
        is_long = bool(self.unit and self.rater and self.label)
        if bool(self.raters) is is_long or (self.raters and (self.rater or self.label)):
            raise UsageError("expected either `--raters A,B,C` (one line a unit, one column a rater) or `--unit`, `--rater` and `--label` together (one line a label)")  # fmt: skip
        if len(self.raters) == 1:
            raise UsageError("--raters names one column; agreement takes two raters or more")
        if twice := sorted({name for name in self.raters if self.raters.count(name) > 1}):
            raise UsageError(f"--raters names {', '.join(map(repr, twice))} more than once; name each column once")  # fmt: skip


def agreement(files: Sequence[Path], ask: LabelAsk) -> "AgreementReport":
    """Return how far the raters of label files, or of a merged review, agree.

    Raises:
        DocumentError: every mistake in the files.
        UsageError: columns that are not named, or several merged reviews.
    """
    from hitl.cli.clock import seeded
    from hitl.review.agreement_report import agreement_report
    from hitl.review.label_table import Columns, read_labels

    if not ask.names_columns and len(files) == 1 and files[0].suffix == ".json":
        return _of_ratings(files[0])
    ask.check()
    columns = Columns(ask.raters, ask.unit, ask.rater, ask.label, ask.by, ask.cluster)
    labels = read_labels(files, columns, ask.scale, ask.order)
    return agreement_report(labels, seeded(_SEED)("agreement"))


def show_agreement(found: "AgreementReport", *, as_json: bool) -> None:
    """Print the coefficients: for people, or for machines."""
    if as_json:
        print_json(found.model_dump(mode="json"))
        return
    from hitl.render.review.terminal import print_agreement

    print_agreement(found, people())


def _of_ratings(path: Path) -> "AgreementReport":
    """Return the agreement that a merge found."""
    from hitl.review.agreement_parts import AgreementReport
    from hitl.review.folder_reading import read_own
    from hitl.review.votes import Ratings
    from hitl.review.words import Action, Role

    ratings = read_own(path, Ratings)
    raters = tuple(one.reviewer for one in ratings.reviewers if one.role is Role.RATER and not one.is_excluded)  # fmt: skip
    return AgreementReport(
        sources=(path.name,),
        scale=Scale.NOMINAL,
        categories=tuple(action.value for action in Action),
        raters=raters,
        n_units=len(ratings.items),
        n_twice=sum(_n_counting(item) >= 2 for item in ratings.items),
        n_labels=sum(map(_n_counting, ratings.items)),
        n_blank=sum(item.missing_votes for item in ratings.items),
        coefficients=ratings.agreement,
        note="units are items; actions are compared output by output",
    )


def _n_counting(item: "RatedItem") -> int:
    from hitl.review.words import Role

    return sum(vote.counts and vote.role is Role.RATER for vote in item.votes)
