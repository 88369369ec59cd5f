from pathlib import Path

import pytest

from hitl.cli.door import main
from tests.cli.workspace import Workspace, hold, refuse

HUGE = 10**400
BEYOND_DOUBLE = 2**60


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity", "1e400", "-1e400"])
@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        pytest.param(
            "candidate.jsonl", '"latency_ms": 100.0', '"latency_ms": WORD', id="a measure"
        ),
        pytest.param(
            "candidate.jsonl", '"latency_ms": 100.0', '"labels": {"a": WORD}', id="a grade"
        ),
        pytest.param("core.jsonl", '"question 0"', '{"a": [WORD]}', id="an input"),
        pytest.param("release.yaml", '"margin": 0.05', '"margin": WORD', id="a margin"),
        pytest.param(
            "release.yaml", '"kind": "full"', '"kind": "full", "percent": WORD', id="a share"
        ),
    ],
)
def test_a_number_that_is_none_is_refused(
    release: Workspace,
    capsys: pytest.CaptureFixture[str],
    word: str,
    name: str,
    old: str,
    new: str,
) -> None:
    path = release.write()
    spoil(release.root / name, old, new.replace("WORD", word))

    assert main(["gate", str(path), "--out", str(release.out)]) == 2

    assert f"{name}:" in capsys.readouterr().err
    assert release.wrote_nothing()


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"repeat": 2**70}, id="repeat"),
        pytest.param({"input_tokens": HUGE}, id="tokens"),
        pytest.param({"latency_ms": 1.7e308}, id="latency"),
        pytest.param({"cost_usd": 1e300}, id="cost"),
    ],
)
def test_a_measure_beyond_reason_is_refused(
    release: Workspace, capsys: pytest.CaptureFixture[str], changes: dict[str, object]
) -> None:
    release.candidate[0].update(changes)

    refuse(release, capsys, f"candidate.jsonl:1: {next(iter(changes))}: ")


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"seed": BEYOND_DOUBLE}, id="seed"),
        pytest.param(
            {"gate_classes": [{"subset": "core", "authority": "block", "max_failures": HUGE}]},
            id="count",
        ),
        pytest.param(
            {
                "gate_classes": [
                    {
                        "subset": "core",
                        "authority": "conditional",
                        "on_failure": [{"tickets": BEYOND_DOUBLE}],
                    }
                ]
            },
            id="condition",
        ),
        pytest.param(
            {
                "candidate_model": {
                    "id": "acme/model-2026-05-18",
                    "provider": "recorded",
                    "replies": "candidate.jsonl",
                    "params": {"seed": BEYOND_DOUBLE},
                }
            },
            id="parameter",
        ),
    ],
)
def test_an_integer_that_no_record_keeps_exactly_is_refused(
    release: Workspace, capsys: pytest.CaptureFixture[str], changes: dict[str, object]
) -> None:
    release.manifest.update(changes)

    refuse(release, capsys, f"{next(iter(changes))}")


def test_an_integer_in_a_case_that_no_digest_keeps_exactly_is_refused(
    release: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    release.cases["core"][0]["reference"] = BEYOND_DOUBLE

    refuse(release, capsys, "as text")


@pytest.mark.parametrize("statistic", ["mean", "median", "p95"])
def test_a_grade_beyond_reason_is_not_a_measure(release: Workspace, statistic: str) -> None:
    release.both(labels={"score": 1e299})
    release.gate_class.update(metric="score", statistic=statistic, max_ratio=2)

    hold(release, "block_unmeasured")


def spoil(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
