import pytest

from hitl.golden.golden_set import Rubric
from hitl.manifest.release import ModelSpec, PriceSpec, Provider
from hitl.score.judge.identity import judge_id

RUBRIC = Rubric(version="2", text="Is it grounded?")
MODEL = ModelSpec(
    id="judge-2026-05-01",
    provider=Provider.OPENAI,
    base_url="http://localhost:1/v1",
    params={"temperature": 0},
)
ID = judge_id("grounded", RUBRIC, MODEL, pairwise=False)


def test_an_id_is_the_same_each_time_and_looks_like_a_digest() -> None:
    assert judge_id("grounded", RUBRIC, MODEL, pairwise=False) == ID
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

    assert judge_id("grounded", rubric, MODEL, pairwise=False) != ID


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

    assert judge_id("grounded", RUBRIC, model, pairwise=False) != ID


def test_another_name_or_mode_is_another_judge() -> None:
    assert judge_id("polite", RUBRIC, MODEL, pairwise=False) != ID
    assert judge_id("grounded", RUBRIC, MODEL, pairwise=True) != ID


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

    assert judge_id("grounded", RUBRIC, model, pairwise=False) == ID
