import gzip
import json
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
UPGRADES = json.loads((HERE / "upgrades.json").read_text())
COMPARISONS = [
    pytest.param(
        upgrade,
        comparison,
        id=" ".join(
            [
                upgrade["id"],
                comparison["subset"],
                *comparison["slice"].values(),
                comparison["label"],
            ]
        ),
    )
    for upgrade in UPGRADES
    for comparison in upgrade["comparisons"]
]


def lines(name: str) -> list[dict[str, Any]]:
    with gzip.open(HERE / name, "rt", encoding="utf-8") as stream:
        return [json.loads(line) for line in stream]


def grades(name: str, label: str) -> dict[str, bool]:
    return {reply["case_id"]: reply["labels"][label] for reply in lines(name)}


@pytest.mark.parametrize(("upgrade", "comparison"), COMPARISONS)
def test_a_plain_recount_gives_the_published_figures(
    upgrade: dict[str, Any], comparison: dict[str, Any]
) -> None:
    chosen = comparison["slice"].items()
    ids = [
        case["id"]
        for case in lines(comparison["cases"])
        if chosen <= case.get("slices", {}).items()
    ]
    previous = grades(upgrade["previous"]["replies"], comparison["label"])
    candidate = grades(upgrade["candidate"]["replies"], comparison["label"])

    regressed = sum(previous[case] and not candidate[case] for case in ids)
    improved = sum(candidate[case] and not previous[case] for case in ids)

    figures = comparison["figures"]
    assert (len(ids), regressed, improved) == (
        figures["n"],
        figures["regressed"],
        figures["improved"],
    )
    assert sum(previous[case] for case in ids) / len(ids) == pytest.approx(
        figures["prev_rate"], abs=5e-5
    )
    assert sum(candidate[case] for case in ids) / len(ids) == pytest.approx(
        figures["cand_rate"], abs=5e-5
    )


@pytest.mark.parametrize(
    "upgrade", [pytest.param(upgrade, id=upgrade["id"]) for upgrade in UPGRADES]
)
@pytest.mark.parametrize("arm", ["previous", "candidate"])
def test_an_arm_answers_each_case_of_its_upgrade_once_and_no_other(
    upgrade: dict[str, Any], arm: str
) -> None:
    files = {comparison["cases"] for comparison in upgrade["comparisons"]}
    cases = [case["id"] for file in files for case in lines(file)]

    answered = [reply["case_id"] for reply in lines(upgrade[arm]["replies"])]

    assert sorted(answered) == sorted(cases)


def test_the_agent_was_tried_four_times_on_every_task() -> None:
    replies = lines("replies/tau-airline/gpt-4o.jsonl.gz")

    tried = {(reply["case_id"], reply.get("repeat", 0)) for reply in replies}

    assert len(replies) == 200
    assert tried == {
        (case["id"], trial) for case in lines("cases/tau-airline.jsonl.gz") for trial in range(4)
    }


def test_no_prompt_and_no_text_is_shipped() -> None:
    cases = [case for path in HERE.glob("cases/*") for case in lines(str(path))]
    replies = [reply for path in HERE.glob("replies/*/*") for reply in lines(str(path))]

    assert {key for case in cases for key in case} == {"id", "slices"}
    assert {key for reply in replies for key in reply} == {
        "case_id",
        "repeat",
        "labels",
        "declared_model",
    }
