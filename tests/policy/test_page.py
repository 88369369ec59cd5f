"""What the page on policies shows can be used as it stands."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hitl.document.tree import parse_yaml
from hitl.policy import Lane, Policy, Risk, Zone
from hitl.policy.lint import lint_policy
from hitl.policy.people import WhenLate
from tests.policy.policies import AT, a_policy, one_type
from tests.policy.test_lint import CASES

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "how-to" / "policy.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def test_the_rules_of_the_page_are_rules() -> None:
    (shown,) = blocks("yaml")
    value: Any = parse_yaml(shown.encode(), Path("page")).value

    policy = one_type(**json.loads(json.dumps(value)))

    assert (len(policy.dynamic_risk), len(policy.risk_indicators)) == (2, 4)


def test_the_program_of_the_page_runs_and_says_what_the_policy_says() -> None:
    (program,) = blocks("python")

    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)

    assert done.stderr == ""
    assert done.stdout == "auto triage ('risk_matrix:medium:high_confidence',) False 0.1\n"


@pytest.mark.parametrize("code", sorted({code for case in CASES for code, _ in case.values[2]}))
def test_every_fault_is_on_the_page(code: str) -> None:
    assert f"`{code}`" in PAGE


def test_the_table_of_defaults_is_the_matrix() -> None:
    rows = re.findall(r"^\| ((?:`\w+`,? ?)+)\| `(\w+)`.*? \| `(\w+)`.*? \| `(\w+)` \|$", PAGE, re.MULTILINE)  # fmt: skip
    matrix = a_policy().risk_matrix

    shown = {risk: lanes for names, *lanes in rows for risk in re.findall(r"`(\w+)`", names)}

    assert shown == {risk.value: [matrix.lane(risk, zone).value for zone in Zone] for risk in Risk}


@pytest.mark.parametrize("word", [*Lane, *WhenLate])
def test_every_word_for_what_happens_is_on_the_page(word: str) -> None:
    assert f"`{word}`" in PAGE


def test_the_shipped_policy_has_no_warning() -> None:
    rules = Policy.load(ROOT / "manifests" / "incident-triage" / "policy.yaml").lane_rules

    assert [one.code for one in lint_policy(rules, AT)] == ["irreversible_runs_alone"]
