from pathlib import Path

import pytest

from hitl.golden.golden_set import Rubric
from hitl.manifest.release import ModelSpec, PriceSpec, Provider
from hitl.score.judge.identity import judge_id

HERE = Path(__file__).parent
RUBRIC = Rubric(version="2", text="Is it grounded?")
MODEL = ModelSpec(
    id="judge-2026-05-01",
    provider=Provider.OPENAI,
    base_url="http://localhost:1/v1",
    params={"temperature": 0},
)
ID = judge_id("grounded", RUBRIC, MODEL, pairwise=False, folder=HERE)


def test_an_id_is_the_same_each_time_and_looks_like_a_digest() -> None:
    assert judge_id("grounded", RUBRIC, MODEL, pairwise=False, folder=HERE) == ID
    assert len(ID) == 64


@pytest.mark.parametrize(
    "change",
    [
        {"version": "3"},
        {"text": "Is it well grounded?"},
        {"scale": (0, 5)},
        {"scale": (1, 4)},
    ],
)
def test_another_rubric_is_another_judge(change: dict[str, object]) -> None:
    rubric = RUBRIC.model_copy(update=change)

    assert judge_id("grounded", rubric, MODEL, pairwise=False, folder=HERE) != ID


@pytest.mark.parametrize(
    "change",
    [
        {"id": "judge-2026-06-01"},
        {"provider": Provider.ANTHROPIC},
        {"base_url": "http://localhost:2/v1"},
        {"params": {"temperature": 1}},
        {"params": {}},
        {"command": ("./judge",)},
        {"function": "judges:strict"},
        {"script": "judge.yaml"},
    ],
)
def test_another_model_or_parameter_is_another_judge(change: dict[str, object]) -> None:
    model = MODEL.model_copy(update=change)

    assert judge_id("grounded", RUBRIC, model, pairwise=False, folder=HERE) != ID


def test_another_name_or_mode_is_another_judge() -> None:
    assert judge_id("polite", RUBRIC, MODEL, pairwise=False, folder=HERE) != ID
    assert judge_id("grounded", RUBRIC, MODEL, pairwise=True, folder=HERE) != ID


@pytest.mark.parametrize(
    "change",
    [
        {"price": PriceSpec(usd_per_1m_input=1.0, usd_per_1m_output=2.0)},
        {"api_key_env": "OTHER_KEY"},
        {"requests_per_minute": 5},
    ],
)
def test_price_key_and_speed_change_nothing(change: dict[str, object]) -> None:
    model = MODEL.model_copy(update=change)

    assert judge_id("grounded", RUBRIC, model, pairwise=False, folder=HERE) == ID


@pytest.mark.parametrize(
    ("change", "file"),
    [
        ({"provider": Provider.COMMAND, "command": ("./judge.sh",)}, "judge.sh"),
        ({"provider": Provider.COMMAND, "command": ("sh", "judge.sh")}, "judge.sh"),
        ({"provider": Provider.PYTHON, "function": "strict_judge:grade"}, "strict_judge.py"),
        ({"provider": Provider.SCRIPTED, "script": "judge.yaml"}, "judge.yaml"),
    ],
    ids=["program", "argument", "function", "script"],
)
def test_a_judge_whose_program_changed_is_another_judge(
    tmp_path: Path, change: dict[str, object], file: str
) -> None:
    model = MODEL.model_copy(update=change)

    def found() -> str:
        return judge_id("grounded", RUBRIC, model, pairwise=False, folder=tmp_path)

    missing = found()
    (tmp_path / file).write_text("strict = True\n")
    strict = found()
    (tmp_path / file).write_text("strict = False\n")

    assert len({missing, strict, found()}) == 3
    (tmp_path / file).write_text("strict = True\n")
    assert found() == strict


def test_files_beside_the_manifest_say_nothing_of_an_endpoint(tmp_path: Path) -> None:
    assert judge_id("grounded", RUBRIC, MODEL, pairwise=False, folder=tmp_path) == ID
