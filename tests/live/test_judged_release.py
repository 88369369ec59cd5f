"""A release that a live judge grades, from certificate to verdict, through the real command line."""

import gzip
import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from hitl.cli.door import main
from tests.cli.workspace import hold, write_json, write_lines
from tests.live.judged import (
    AT_LEAST,
    BETTER,
    COST,
    GROUNDED,
    HONEST,
    JUDGE,
    N_ASKED,
    N_BAD,
    N_SILENT,
    PAIRED,
    Judged,
    N,
    asked,
    compared,
    half_better,
    says,
    text_of,
)
from tests.loopback.server import Loopback

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def release(tmp_path: Path) -> Judged:
    return Judged(tmp_path)


def test_without_a_certificate_the_judge_decides_nothing(release: Judged) -> None:
    with Loopback(rules=HONEST) as server:
        record = hold(release.judged_by(server), "block_unmeasured")

    (judge,) = record["judges"]
    assert (judge["certificate"], judge["signal_in"]) == ("not_valid", ["core"])
    assert "no certificate" in judge["problems"][0]
    assert judge["candidate"]["n_asked"] == N_ASKED / 2


def test_a_judge_that_was_asked_about_labelled_replies_ships_the_release(release: Judged) -> None:
    with Loopback(rules=HONEST) as server:
        release.judged_by(server).certified()
        assert release.gate() == 0

    found = release.written
    assert (found["n_scored"], found["n_clusters"]) == (N_ASKED, N - N_SILENT)
    assert (found["n_probed"], found["n_steered"]) == (10, 0)
    assert [arm["specificity"]["n"] for arm in found["arms"]] == [N_BAD, N_BAD]
    assert release.record["judges"][0]["counts_in"] == ["core"]
    assert "judge_uncorrected" in release.codes()


def expired(release: Judged) -> None:
    spoil(release, created_at="2026-01-01T00:00:00Z", valid_until="2026-02-01T00:00:00Z")


def another_model(release: Judged) -> None:
    release.manifest["judge"]["model"]["id"] = "verdict-2026-03-03"


def another_rubric(release: Judged) -> None:
    release.golden["rubrics"]["grounded"]["text"] = "Is it nice?"


def another_limit(release: Judged) -> None:
    release.expect({"must_include": ["answer"]}, GROUNDED | {"at_least": 3})


def better_counts(release: Judged) -> None:
    spoil(release, n_scored=10_000, n_items=10_000)


def a_claim(release: Judged) -> None:
    """The counts are those of a judge that was steered; the conclusion says that it is fine."""
    spoil(release, n_steered=3)


def spoil(release: Judged, **changes: object) -> None:
    write_json(release.certificate, release.written | changes)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (expired, "it expired at"),
        (another_model, "it is for another judge"),
        (another_rubric, "it is for another judge"),
        (another_limit, "asks for at least 3"),
        (better_counts, "tables hold"),
        (a_claim, "does not follow from its counts"),
    ],
)
def test_a_certificate_that_does_not_hold_holds_the_release(
    release: Judged, change: Callable[[Judged], None], problem: str
) -> None:
    with Loopback(rules=HONEST) as server:
        release.judged_by(server).certified()
        change(release)
        record = hold(release, "block_unmeasured")

    words = " ".join(record["judges"][0]["problems"])
    assert problem in words or "no certificate is of this judge" in words
    assert record["judges"][0]["certificate"] == "not_valid"


def test_a_judge_that_goes_down_is_12_and_the_gate_goes_on_where_it_stopped(
    release: Judged, capsys: Capture
) -> None:
    # 20 calls, and one answered question again, to see whether the judge is there
    rules = ({"do": "500", "when": {"after": 60, "first": 81, "contains": "BEGIN CASE"}}, *HONEST)
    with Loopback(rules=rules) as server:
        release.judged_by(server)
        release.manifest["limits"]["concurrency"] = 1
        assert release.gate() == 12
        assert "the judge arm (verdict-2026-01-01) is down" in capsys.readouterr().err
        assert not release.record_path.exists()
        assert asked(server) == 81

        assert release.gate() == 10
        assert asked(server) == N_ASKED + 21
    (judge,) = release.record["judges"]
    assert judge["n_calls"] == N_ASKED
    assert judge["previous"]["n_unscored"] == judge["candidate"]["n_unscored"] == 0


def test_garbage_is_no_grade(release: Judged) -> None:
    garbage = {"do": "text", "text": "Sure! 5/5", "when": {"contains": "good answer 70"}}
    with Loopback(rules=({**garbage, "when": {**garbage["when"], "after": 2}}, *HONEST)) as server:
        release.judged_by(server).certified()
        record = hold(release, "block_unmeasured")

    assert record["judges"][0]["candidate"]["unscored"] == {"not_json": 1}
    assert record["judges"][0]["certificate"] == "valid"
    assert record["subsets"][0]["missing_cases"] == ["c070"]
    assert "judge_unscored" in release.codes()


def test_a_judge_whose_identity_moves_loses_its_authority(release: Judged) -> None:
    moved = {"do": "model", "model": "cheap", "when": {"contains": "good answer 70", "after": 2}}
    with Loopback(rules=(moved, *HONEST)) as server:
        release.judged_by(server).certified()
        record = hold(release, "block_unmeasured")

    assert record["judges"][0]["resolved"] == ["cheap", JUDGE]
    assert "cheap answered for the judge" in record["judges"][0]["problems"][0]


def test_the_cascade_and_its_costs_are_counted(release: Judged) -> None:
    """Of 160 replies rules settle 6, and the judge 154 at 0.026 USD each."""
    with Loopback(rules=HONEST) as server:
        release.judged_by(server).certified()
        assert release.gate() == 0

    rules, judge, person = release.record["cascade"]
    assert (rules["n_asked"], rules["n_settled"], rules["n_left"]) == (160, 6, 154)
    assert (judge["n_asked"], judge["n_settled"], judge["n_left"]) == (154, 154, 0)
    assert (person["n_asked"], person["cost_high_usd"]) == (0, 0)
    assert judge["cost_low_usd"] == pytest.approx(154 * COST)
    assert release.record["judges"][0]["cost_usd"] == pytest.approx(4.004)
    assert release.record["judges"][0]["n_calls"] == 154


def test_the_cap_counts_what_the_judge_costs(release: Judged, capsys: Capture) -> None:
    """All calls take 4.004 USD; the last ones could take more than the cap has left."""
    with Loopback(rules=HONEST) as server:
        release.judged_by(server).manifest["limits"]["max_cost_usd"] = 4.0
        assert release.gate() == 12
        assert "the cap of 4 USD is reached" in capsys.readouterr().err
        n_asked = asked(server)
        assert 0 < n_asked < N_ASKED
        assert n_asked * COST < 4.0

        release.manifest["limits"]["max_cost_usd"] = 100.0
        assert release.gate() == 10
        assert asked(server) == N_ASKED


def test_gating_again_asks_nobody_and_finds_the_same(release: Judged) -> None:
    with Loopback(rules=HONEST) as server:
        release.judged_by(server).certified()
        assert release.gate() == 0
        first, n_calls = release.record, server.calls()["total"]
        assert release.gate() == 0

        assert server.calls()["total"] == n_calls
    assert release.record["digest"] == first["digest"]


def test_two_runs_on_the_same_inputs_give_the_same_bytes(release: Judged) -> None:
    """A scripted judge, so that nothing tells the time."""
    script = {
        "format": "hitl/script/v1",
        "resolved_model": JUDGE,
        "answers": {"bad answer": says(1)["text"], "answer": says(5)["text"]},
    }
    release.judged_by(Loopback(), model={"id": JUDGE, "provider": "scripted", "script": "j.yaml"})
    write_json(release.root / "j.yaml", script)
    release.certified()
    found = []
    for number in (1, 2):
        out = release.root / f"out{number}"
        assert main(["gate", str(release.write()), "--out", str(out)]) == 0
        folder = out / release.record_path.parent.name
        record = json.loads((folder / "record.json").read_text())
        found.append((record["digest"], (folder / "evidence" / "judge.jsonl.gz").read_bytes()))

    assert found[0] == found[1]


def test_the_record_names_what_gave_the_judge_its_say(release: Judged) -> None:
    with Loopback(rules=HONEST) as server:
        release.judged_by(server).certified()
        release.manifest["judge"]["labels"] = "people.jsonl"
        write_lines(release.root / "people.jsonl", release.people())
        assert release.gate() == 0

    found = {part["role"]: part for part in release.record["evidence"]}
    files = {
        "judge_certificate": release.certificate,
        "judge_labels": release.root / "people.jsonl",
        "judge": release.folder / "evidence" / "judge.jsonl.gz",
    }
    for role, path in files.items():
        assert found[role]["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert found["judge"]["path"] == "evidence/judge.jsonl.gz"
    with gzip.open(files["judge"]) as answers:
        assert len(answers.readlines()) == N_ASKED


def test_no_personal_data_reaches_the_judge(release: Judged) -> None:
    """One address in each reply and one in each input: two pieces in each of 154 requests."""
    secret = "jane.roe@example.org"
    with Loopback(rules=HONEST) as server:
        release.judged_by(server)
        for row in (*release.previous, *release.candidate):
            row["text"] += f", says {secret}"
        for case in release.cases["core"]:
            case["input"] += f" of {secret}"
        for rows in (release.previous, release.candidate):
            rows[-1]["tool_calls"] = [
                {"name": "login", "arguments": {"password": "hunter2hunter2"}}
            ]
        assert release.gate() == 10
        sent = json.dumps(server.bodies())
        assert release.check(release.people(), *AT_LEAST) in (0, 10)
        sent += json.dumps(server.bodies())

    assert "[email]" in sent
    assert secret not in sent
    assert "hunter2hunter2" not in sent
    assert release.record["judges"][0]["n_redacted"] == 2 * N_ASKED + 2


@pytest.mark.parametrize(
    ("n_worse", "n_labelled", "state"),
    [(20, 77, "fail"), (8, 77, "undecided"), (8, 40, "undecided"), (8, 0, "undecided")],
)
def test_people_overrule_a_judge_that_is_kinder_to_the_candidate(
    release: Judged, n_worse: int, n_labelled: int, state: str
) -> None:
    """Of 50 good replies the candidate made some bad, in words that the judge likes."""
    worse = range(40, 40 + n_worse)
    with Loopback(rules=HONEST) as server:
        release.judged_by(server).certified()
        release.write_replies(
            text_of, lambda number: "a flawless answer" if number in worse else text_of(number)
        )
        assert release.gate() == 0

        release.manifest["judge"]["labels"] = "people.jsonl"
        rows = [
            row | {"human": 1} if row["arm"] == "candidate" and number in worse else row
            for row in release.people()
            if (number := int(row["case_id"][1:])) < N_SILENT + n_labelled
        ]
        write_lines(release.root / "people.jsonl", rows)
        record = hold(release, f"block_{state}")

    (rule,) = [rule for rule in record["subsets"][0]["rules"] if rule["rule"] == "corrected_margin"]
    assert rule["n"] == n_labelled
    assert rule["limit"] == -0.05
    assert rule["state"] == state
    assert "judge_corrected" in release.codes()


def test_a_comparison_is_asked_in_both_orders_and_certified(release: Judged) -> None:
    """The candidate wins 25 cases and loses 4; 3 silent previous replies fail by a rule."""
    with Loopback(rules=BETTER) as server:
        release.judged_by(server, PAIRED).write_replies(text_of, half_better)
        assert release.check(compared(release), "--pairwise") == 0
        assert asked(server) == 2 * N
        release.manifest["judge"]["certificates"] = [release.certificate.name]
        release.gate()

    assert release.written["flip_rate"]["k"] == 0
    assert release.written["labels"] == ["previous", "tie", "candidate"]
    (judge,) = release.record["judges"]
    assert judge["certificate"] == "valid"
    pairs = judge["pairs"]
    assert (pairs["wins"], pairs["losses"], pairs["n_flips"]) == (N_BAD + N_SILENT, 4, 0)
    assert judge["n_calls"] == 2 * pairs["n_asked"] == 2 * (N - N_SILENT - 2)


def test_a_judge_that_prefers_what_it_reads_first_finds_ties(release: Judged) -> None:
    with Loopback(rules=(says("A", "winner"),)) as server:
        release.judged_by(server, PAIRED).write_replies(text_of, half_better)
        assert release.check(compared(release), "--pairwise") == 10
        rate = release.written["flip_rate"]
        release.gate()

    assert (rate["k"], rate["n"]) == (N, N)
    pairs = release.record["judges"][0]["pairs"]
    assert (pairs["flip_rate"], pairs["first_share"], pairs["losses"]) == (1.0, 1.0, 0)
    assert "judge_order" in release.codes()


def test_a_judge_that_goes_by_an_alias_has_no_authority_whatever_it_was_certified(
    release: Judged,
) -> None:
    with Loopback(rules=HONEST) as server:
        release.judged_by(server)
        release.manifest["judge"]["model"]["id"] = "verdict-latest"
        release.certified()
        record = hold(release, "block_unmeasured")

    assert "verdict-latest is an alias" in " ".join(record["judges"][0]["problems"])
