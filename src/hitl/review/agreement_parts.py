"""How far raters agree, as a document: what `hitl review agree` writes."""

from typing import Literal

from hitl.document.schema import Count, Document, Identifier
from hitl.review.votes import Coefficient
from hitl.review.words import Scale as Scale

LEAST_OF_A_GROUP = 50
"""Units with two labels or more that a group needs for coefficients of its own."""


class AgreementGroup(Document):
    """Agreement on the units of one group."""

    group: str
    """Its name; empty for the units that name none."""
    n_units: Count
    """Units with a label."""
    n_twice: Count
    """Those with two labels or more."""
    coefficients: tuple[Coefficient, ...]
    """Empty where the group is too small."""
    reason: str = ""
    """Why there are none."""


class AgreementReport(Document):
    """How far raters agree, over all units and by group."""

    format: Literal["hitl/agreement/v1"] = "hitl/agreement/v1"
    """`hitl/agreement/v1`."""
    sources: tuple[str, ...]
    """Files that the labels came from."""
    scale: Scale
    """How far two labels are apart."""
    categories: tuple[str, ...]
    """Labels that count as possible, in the order of the scale."""
    raters: tuple[Identifier, ...]
    """Columns, or names in the file."""
    n_units: Count
    """Units with a label."""
    n_twice: Count
    """Those with two labels or more: only they say something of agreement."""
    n_labels: Count
    """Labels that were given."""
    n_blank: Count
    """Labels that each rater could have given and did not."""
    coefficients: tuple[Coefficient, ...]
    """Over all units."""
    by: str = ""
    """Column that groups units; empty without."""
    groups: tuple[AgreementGroup, ...] = ()
    """In the order of their names."""
    note: str = ""
    """What holds for the groups that are too small."""
