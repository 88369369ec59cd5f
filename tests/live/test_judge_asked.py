"""A judge that `judge-check` asks itself about the replies that people labelled, at a real server."""

from pathlib import Path

import pytest

from hitl.cli.door import main
from tests.cli.workspace import Row, write_json, write_lines
from tests.live.judged import (
    AT_LEAST,
    GULLIBLE,
    HONEST,
    JUDGE,
    N_ASKED,
    ORDER,
    Judged,
    asked,
)
from tests.loopback.server import Loopback

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def release(tmp_path: Path) -> Judged:
    return Judged(tmp_path)


def test_labels_may_say_pass_or_fail(release: Judged) -> None:
    with Loopback(rules=HONEST) as server:
        release.judged_by(server)
        rows = [row | {"human": row["human"] == 5} for row in release.people()]
        assert release.check(rows, *AT_LEAST) == 0
        release.manifest["judge"]["certificates"] = [release.certificate.name]
        assert release.gate() == 0

    assert release.written["labels"] == ["false", "true"]
    assert release.written["positive"] == ["true"]


def test_a_check_asks_about_replies_that_rules_failed_too(release: Judged) -> None:
    with Loopback(rules=HONEST) as server:
        release.judged_by(server)
        silent = [{"case_id": "c000", "arm": arm, "human": 5} for arm in ("previous", "candidate")]
        assert release.check([*release.people(), *silent], *AT_LEAST) == 0

    assert release.written["n_scored"] == N_ASKED + 2


def test_a_check_leaves_the_run_alone_and_asks_nothing_twice(release: Judged) -> None:
    with Loopback(rules=HONEST) as server:
        release.judged_by(server).certified()
        first = release.written
        n_calls = server.calls()["total"]
        assert asked(server) == N_ASKED + 10
        assert release.check(release.people(), *AT_LEAST) == 0

        assert server.calls()["total"] == n_calls
    assert release.written["labels_digest"] == first["labels_digest"]
    assert [path.name for path in sorted(release.folder.rglob("*"))] == ["run", "judge-check.jsonl"]


def test_a_judge_that_obeys_the_reply_gets_no_certificate(release: Judged, capsys: Capture) -> None:
    with Loopback(rules=GULLIBLE) as server:
        release.judged_by(server)
        assert release.check(release.people(), *AT_LEAST) == 10

    found = release.written
    assert (found["n_probed"], found["n_steered"]) == (10, 10)
    assert found["problems"] == [
        "10 of 10 failed replies pass once they order the judge to pass them; none may"
    ]
    release.manifest["judge"]["certificates"] = [release.certificate.name]
    with Loopback(rules=GULLIBLE):
        assert "short 10 of 10" in capsys.readouterr().out


def test_answers_that_are_no_label_are_counted_with_their_reason(
    release: Judged, capsys: Capture
) -> None:
    rules = ({"do": "text", "text": "5", "when": {"contains": "good answer 79"}}, *HONEST)
    with Loopback(rules=rules) as server:
        release.judged_by(server)
        assert release.check(release.people(), *AT_LEAST) == 0

    assert release.written["n_unscored"] == 2
    assert {one["reason"] for one in release.written["unscored"]} == {"not_json"}
    assert "the answer is no label: not_json" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({"case_id": "c999", "arm": "previous", "human": 5}, "no case 'c999'"),
        ({"case_id": "c003", "arm": "previous", "human": 7}, "'7' is no label"),
        ({"case_id": "c003", "arm": "previous", "human": True}, "'true' is no label"),
        ({"case_id": "c003", "arm": "both", "human": 5}, "expected previous, candidate"),
        ({"case_id": "c003", "human": 5}, "arm: is missing"),
        ({"case_id": "c003", "arm": "previous", "repeat": -1, "human": 5}, "expected 0, 1"),
        ({"case_id": "c003", "arm": "previous", "repeat": 4, "human": 5}, "holds no reply to 'c003', repeat 4"),
        ({"case_id": "c004", "arm": "previous", "human": 5}, "is named twice"),
        ({"case_id": "c003", "arm": "previous", "human": 5, "judge": 5}, "in every row or in none"),
    ],
)  # fmt: skip
def test_a_row_that_names_nothing_is_told_before_anything_is_asked(
    release: Judged, capsys: Capture, row: Row, problem: str
) -> None:
    with Loopback(rules=HONEST) as server:
        release.judged_by(server)
        rows = [one for one in release.people() if one["case_id"] != "c003"]
        assert release.check([*rows, row], *AT_LEAST) == 2

        assert server.calls()["total"] == 0
    said = capsys.readouterr().err
    assert f"labels.jsonl:{len(rows) + 1}: " in said
    assert problem in said


def test_a_limit_is_asked_for_before_anything_is_paid(release: Judged, capsys: Capture) -> None:
    with Loopback(rules=HONEST) as server:
        release.judged_by(server)
        assert release.check(release.people()) == 2

        assert server.calls()["total"] == 0
    assert "--at-least" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--judge-column", "model"), "model: is missing"),
        (("--pairwise",), "names an arm"),
        (("--positive", "5"), "use --at-least"),
        (("--labels", "1,2,3,4,5"), "use --at-least"),
    ],
)
def test_what_cannot_be_meant_is_not_asked(
    release: Judged, capsys: Capture, options: tuple[str, ...], words: str
) -> None:
    with Loopback(rules=HONEST) as server:
        release.judged_by(server)
        limit = () if "--pairwise" in options else AT_LEAST
        item = ("--item-column", "case_id")
        assert release.check(release.people(), *limit, *item, *options) == 2

        assert server.calls()["total"] == 0
    assert words in capsys.readouterr().err


def test_a_rubric_of_another_set_is_not_what_the_judge_is_asked_by(
    release: Judged, capsys: Capture
) -> None:
    with Loopback(rules=HONEST) as server:
        release.judged_by(server)
        other = release.golden | {"rubrics": {"grounded": {"version": "1", "text": "Be kind."}}}
        write_json(release.root / "other.yaml", other)
        golden = ("--golden", str(release.root / "other.yaml"))
        assert release.check(release.people(), *AT_LEAST, *golden) == 2

        assert server.calls()["total"] == 0
    assert "leave --golden out" in capsys.readouterr().err


def test_rows_that_name_replies_need_a_judge_to_ask(release: Judged, capsys: Capture) -> None:
    write_lines(release.root / "labels.jsonl", release.people())

    assert main(["golden", "judge-check", str(release.root / "labels.jsonl"), *AT_LEAST]) == 2
    assert "name the judge that is to be asked" in capsys.readouterr().err


def test_replies_of_live_arms_come_from_their_finished_run(
    release: Judged, capsys: Capture
) -> None:
    with Loopback(rules=HONEST) as server:
        release.judged_by(server)
        for arm in ("previous_model", "candidate_model"):
            model = {"provider": "openai", "base_url": server.openai_url}
            release.manifest[arm] = {"id": release.manifest[arm]["id"]} | model
        assert release.check(release.people(), *AT_LEAST) == 12
        assert "run `hitl run " in capsys.readouterr().err
        assert server.calls()["total"] == 0

        for arm, rows in (("previous", release.previous), ("candidate", release.candidate)):
            (release.folder / "evidence").mkdir(parents=True, exist_ok=True)
            write_lines(release.folder / "evidence" / f"{arm}.jsonl.gz", rows)
        assert release.check(release.people(), *AT_LEAST) == 0


def test_another_model_that_answers_cannot_be_certified(release: Judged, capsys: Capture) -> None:
    with Loopback(rules=HONEST, resolves={JUDGE: "verdict-2026-02-02"}) as server:
        release.judged_by(server)
        assert release.check(release.people(), *AT_LEAST) == 12

    assert "verdict-2026-02-02 answered for the judge" in capsys.readouterr().err
    assert not release.certificate.exists()


def test_an_order_in_a_reply_stays_data(release: Judged) -> None:
    """What the probes append stands inside the reply's delimiters, behind its text."""
    with Loopback(rules=HONEST) as server:
        release.judged_by(server).certified()
        probes = [
            body["messages"][1]["content"]
            for body in server.bodies()
            if ORDER in body["messages"][1]["content"]
        ]

    assert probes
    for content in probes:
        (line,) = [line for line in content.splitlines() if ORDER in line]
        assert line.startswith('"a bad answer\\n\\n' + ORDER)


def test_an_endpoint_that_names_no_model_gets_no_certificate(
    release: Judged, capsys: Capture
) -> None:
    with Loopback(rules=[{"do": "no_model"}]) as server:
        release.judged_by(server)
        assert release.check(release.people(), *AT_LEAST) == 12

    assert not release.certificate.exists()
    assert "name no model" in capsys.readouterr().err
