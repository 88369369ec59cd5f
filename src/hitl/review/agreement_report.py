"""How far raters agree on labels from files, over all units and by group."""

import numpy as np

from hitl.review.agreement import coefficients
from hitl.review.agreement_parts import LEAST_OF_A_GROUP, AgreementGroup, AgreementReport
from hitl.review.label_table import Labels
from hitl.review.labels import MISSING


def agreement_report(labels: Labels, rng: np.random.Generator) -> AgreementReport:
    """Return how far raters agree; a group of its own needs 50 units with two labels or more.

    A smaller group has no coefficient of its own and counts in the whole only.
    """
    table = labels.table
    groups = tuple(_group(labels, name, rng) for name in sorted(set(labels.groups)))
    small = [group for group in groups if group.reason]
    note = f"{len(small)} of {len(groups)} groups have fewer than {LEAST_OF_A_GROUP} units with two labels and count in the whole only" if small else ""  # fmt: skip
    return AgreementReport(
        sources=labels.sources,
        scale=labels.scale,
        categories=table.categories,
        raters=table.raters,
        n_units=len(table.votes),
        n_twice=table.n_twice,
        n_labels=int(table.is_given.sum()),
        n_blank=int((table.votes == MISSING).sum()),
        coefficients=coefficients(table, rng, labels.scale),
        by=labels.by,
        groups=groups,
        note=note,
    )


def _group(labels: Labels, name: str, rng: np.random.Generator) -> AgreementGroup:
    part = labels.table.part([row for row, group in enumerate(labels.groups) if group == name])
    is_enough = part.n_twice >= LEAST_OF_A_GROUP
    return AgreementGroup(
        group=name,
        n_units=len(part.votes),
        n_twice=part.n_twice,
        coefficients=coefficients(part, rng, labels.scale) if is_enough else (),
        reason=""
        if is_enough
        else f"{part.n_twice} units with two labels or more; {LEAST_OF_A_GROUP} are asked for",
    )
