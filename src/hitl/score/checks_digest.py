"""What the checks of a case are, as one digest: a grade that was stored stands only for the same checks."""

from collections.abc import Mapping

from hitl.digest import digest
from hitl.golden.case import Case
from hitl.golden.expectation import JudgeRule, SchemaRule
from hitl.golden.golden_set import Rubric
from hitl.golden.load import SubsetCases
from hitl.policy.posture import PosturePolicy


def checks_digest(
    source: SubsetCases, case: Case, posture: PosturePolicy, rubrics: Mapping[str, Rubric]
) -> str:
    """Return the SHA-256 of all that decides the grade of a reply to a case, apart from the reply.

    That is the subset's rules, the case's and its outcome class, the schemas and rubrics that
    they name, the posture lists, and the case itself, for rules may compare a reply with it.
    The source of user code that `python` rules call is not part of it.
    """
    rules = source.expectations(case)
    schemas = {rule.json_schema for rule in rules if isinstance(rule, SchemaRule)
               if isinstance(rule.json_schema, str)}  # fmt: skip
    graded = {rule.judge for rule in rules if isinstance(rule, JudgeRule)}
    return digest(
        {
            "rules": [[type(rule).__name__, rule.model_dump(mode="json")] for rule in rules],
            "schemas": {name: source.schemas.get(name) for name in sorted(schemas)},
            "rubrics": {
                name: rubrics[name].model_dump(mode="json")
                for name in sorted(graded)
                if name in rubrics
            },
            "posture": posture.model_dump(mode="json"),
            "case": case.model_dump(mode="json", exclude={"expect", "outcome"}),
        }
    )
