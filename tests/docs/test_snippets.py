"""What the pages show as files can be used as it stands."""

import asyncio
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from hitl.document.tree import parse_yaml
from hitl.golden.case import Case
from hitl.golden.expectation import Expectation
from hitl.golden.golden_set import Rubric
from hitl.manifest.release import JudgeSpec, Limits, ModelSpec, Provider
from hitl.policy.schema import Policy
from hitl.run.local.command import CommandModel
from hitl.run.local.function import FunctionModel
from hitl.run.model import Completion, Model, Request
from hitl.run.script import Script
from hitl.score.judge.labels import HumanGrade

ROOT = Path(__file__).parents[2]
HOW_TO = ROOT / "docs" / "how-to"
MODELS = (HOW_TO / "models.md").read_text()
JUDGES = (HOW_TO / "judges.md").read_text()
TICKET = Case.model_validate_json(
    (ROOT / "golden_sets/starter/tickets.jsonl").read_bytes().splitlines()[0]
)
QUESTION = Request("ticket-001", ({"role": "user", "content": str(TICKET.input)},), case=TICKET)


def _blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^ *```{language}\n(.*?)^ *```", page, re.MULTILINE | re.DOTALL)


def _yaml(page: str) -> list[Any]:
    return [parse_yaml(block.encode(), Path("page")).value for block in _blocks(page, "yaml")]


def _models() -> list[dict[str, Any]]:
    pages = [MODELS, JUDGES, (ROOT / "README.md").read_text(), (HOW_TO / "plan.md").read_text()]
    found = [value for page in pages for value in _yaml(page) if isinstance(value, dict)]
    arms = [value[key] for value in found for key in ("previous_model", "candidate_model") if key in value]  # fmt: skip
    return [*arms, *(value["judge"]["model"] for value in found if "model" in value.get("judge", {}))]  # fmt: skip


def test_every_model_of_the_pages_is_one_and_each_provider_is_shown() -> None:
    found = [ModelSpec.model_validate_json(json.dumps(model)) for model in _models()]

    assert {model.provider for model in found} == set(Provider)


def _spec(provider: Provider) -> ModelSpec:
    model = next(model for model in _models() if model["provider"] == provider.value)
    return ModelSpec.model_validate_json(json.dumps(model))


def _answer(model: Model) -> Completion:
    async def ask() -> Completion:
        try:
            return await model.ask(QUESTION, 0)
        finally:
            await model.close()

    return asyncio.run(ask())


def _is_right(found: Completion) -> bool:
    return json.loads(found.text or "")["queue"] == "billing" and found.resolved_model == "router-2026-07-01"  # fmt: skip


def test_the_program_of_the_page_answers(tmp_path: Path) -> None:
    program, _ = _blocks(MODELS, "python")
    (tmp_path / "answer.py").write_text(program)

    found = _answer(CommandModel(_spec(Provider.COMMAND), tmp_path, 30, dict(os.environ)))

    assert _is_right(found)


def test_the_function_of_the_page_answers(tmp_path: Path) -> None:
    _, function = _blocks(MODELS, "python")
    (tmp_path / "router.py").write_text(function)

    found = _answer(FunctionModel(_spec(Provider.PYTHON), tmp_path, 30, {}))

    assert _is_right(found)


def test_the_object_that_a_program_gets_is_the_one_on_the_page(tmp_path: Path) -> None:
    shown = json.loads(_blocks(MODELS, "json")[0])
    (tmp_path / "answer.py").write_text(
        "import json, sys\njson.dump({'text': sys.stdin.read()}, sys.stdout)"
    )

    found = _answer(CommandModel(_spec(Provider.COMMAND), tmp_path, 30, dict(os.environ)))

    assert json.loads(found.text or "") == shown


def test_what_a_program_prints_on_the_page_is_a_reply(tmp_path: Path) -> None:
    printed = json.loads(_blocks(MODELS, "json")[1])
    (tmp_path / "answer.py").write_text(f"print({json.dumps(printed)!r})")

    found = _answer(CommandModel(_spec(Provider.COMMAND), tmp_path, 30, dict(os.environ)))

    assert (found.cost_usd, found.confidence) == (0.0004, 0.93)


def test_the_script_of_the_page_is_one() -> None:
    (script,) = (value for value in _yaml(MODELS) if "format" in value)

    assert [fault.name for fault in Script.model_validate_json(json.dumps(script)).faults] == [
        "busy",
        "dead",
    ]


def test_the_parts_of_a_judged_release_are_what_the_page_says() -> None:
    rubrics, rules, judge, labels = _yaml(JUDGES)

    assert Rubric.model_validate_json(json.dumps(rubrics["rubrics"]["polite"])).scale == (1, 5)
    expectations = TypeAdapter(list[Expectation]).validate_json(json.dumps(rules))
    assert len(expectations) == 2
    both = judge["judge"] | labels["judge"]
    assert JudgeSpec.model_validate_json(json.dumps(both)).labels == "labels.jsonl"


def test_the_labels_of_the_page_are_labels() -> None:
    lines = [line for block in _blocks(JUDGES, "json") for line in block.splitlines()]

    assert len([HumanGrade.model_validate_json(line) for line in lines]) == 3


def test_the_redaction_policy_of_the_page_is_one() -> None:
    (shown,) = _yaml((HOW_TO / "redaction.md").read_text())
    policy = {"format": "hitl/policy/v1", "version": "1", **shown}

    found = Policy.model_validate_json(json.dumps(policy)).redact

    assert found is not None
    assert found.words == ("Ana Example", "Example Ltd")


@pytest.mark.parametrize("name", ["limits.max_attempts", "limits.max_age_hours", "limits.max_cost_usd", "limits.max_turns",
                                  "limits.concurrency", "limits.timeout_s"])  # fmt: skip
def test_every_limit_of_a_live_run_is_on_a_page(name: str) -> None:
    assert name.removeprefix("limits.") in Limits.model_fields
    assert any(f"`{name}`" in page for page in (MODELS, (HOW_TO / "run.md").read_text()))
