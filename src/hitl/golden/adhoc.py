"""A golden set made up from the replies themselves, for comparing two runs that no set describes."""

from collections.abc import Iterable

from hitl.document.schema import Json
from hitl.golden.case import Case
from hitl.golden.expectation import LabelRule
from hitl.golden.golden_set import GoldenSet, Subset
from hitl.golden.load import GoldenSetFiles, SubsetCases


def adhoc_set(case_ids: Iterable[str], label: str, equals: Json) -> GoldenSetFiles:
    """Return a set of one subset, `all`, whose cases pass when the label has the value."""
    cases = tuple(Case(id=case_id) for case_id in sorted(set(case_ids)))
    subset = Subset(
        id="all",
        behavior="graded elsewhere",
        cases=cases,
        expect=(LabelRule(label=label, equals=equals),),
    )
    spec = GoldenSet(
        format="hitl/golden-set/v1",
        id="compare",
        version="0",
        workflow_id="compare",
        subsets=(subset,),
    )
    return GoldenSetFiles(spec, (SubsetCases(subset, cases, {}, None),), ())
