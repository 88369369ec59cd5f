import json
from pathlib import Path

import pytest

from hitl.cli.door import main
from hitl.decisions.measures.baseline import Baseline
from hitl.decisions.measures.words import Metric
from tests.decisions.logs import OLD, Truth, write_log

EXAMPLE = Path(__file__).parents[2] / "manifests" / "incident-triage"
POLICY = """format: hitl/policy/v1
version: "9"
targets: {escalation_rate: {at_most: 0.01}}
log: {columns: {lane: route}, only: {is_test: ["false"]}}
"""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return write_log(tmp_path / "log.parquet", Truth(rows=2000, changes=True))


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "reports"


def read(out: Path) -> Baseline:
    return Baseline.model_validate_json((out / "baseline.json").read_text())


def test_a_baseline_is_written_and_told_in_80_columns(
    log: Path, out: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")

    assert main(["baseline", str(log), "--out", str(out)]) == 0

    said = capsys.readouterr().out
    told, paths = said.splitlines()[:-2], said.splitlines()[-2:]
    assert told[0].startswith("2,000 decisions, 2026-05-01 to 2026-05-28 (UTC)")
    assert max(map(len, told)) <= 80
    assert f"{OLD} (" in said
    assert "Precision, Recall: is said of one action type" in said
    assert paths == [str(out / "baseline.json"), str(out / "index.html")]
    assert "<html" in (out / "index.html").read_text()
    written = read(out)
    assert written.log.n == 2000
    assert (written.confidence, written.coverage_floor, written.outcome_maturity_days) == (
        0.95,
        0.8,
        14,
    )


def test_each_number_for_people_has_its_n_and_interval(
    log: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["baseline", str(log), "--out", str(out)])

    lines = capsys.readouterr().out.splitlines()
    override = next(line for line in lines if line.startswith(" Override "))
    one = next(one for one in read(out).groups[0].measures if one.metric is Metric.OVERRIDE_RATE)
    assert one.low is not None
    assert one.high is not None
    assert f"{one.low * 100:.1f} to {one.high * 100:.1f} %" in override
    assert override.rstrip().endswith(f"{one.n:,}")
    assert any("chance: 0." in line for line in lines)


def test_json_is_the_document_and_nothing_else(
    log: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["baseline", str(log), "--out", str(out), "--json"]) == 0

    said = capsys.readouterr()
    assert Baseline.model_validate_json(said.out) == read(out)
    assert said.err == ""


def test_the_same_log_gives_the_same_bytes_but_for_the_time(
    log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1790000000")
    for folder in ("one", "two"):
        main(["baseline", str(log), "--out", str(tmp_path / folder)])

    first, second = (
        (tmp_path / folder / "baseline.json").read_bytes() for folder in ("one", "two")
    )
    assert first == second


def test_a_policy_gives_targets_and_the_mapping_of_its_log(tmp_path: Path, out: Path) -> None:
    (tmp_path / "policy.yaml").write_text(POLICY)
    (tmp_path / "log.csv").write_text(
        "decision_id,route,is_test\n1,queue,false\n2,auto,false\n3,auto,true\n"
    )

    code = main(["baseline", str(tmp_path / "log.csv"), "--policy", str(tmp_path / "policy.yaml"), "--out", str(out)])  # fmt: skip

    written = read(out)
    assert code == 0
    assert (written.policy, written.log.n, written.log.n_aside) == ("9", 2, 1)
    assert (written.targets[0].at_least, written.targets[0].at_most) == (None, 0.01)
    assert written.targets[0].value == 0.5


def test_a_mapping_file_takes_the_place_of_the_policys(tmp_path: Path, out: Path) -> None:
    (tmp_path / "policy.yaml").write_text(POLICY)
    (tmp_path / "mapping.yaml").write_text("format: hitl/mapping/v1\ncolumns: {lane: way}\n")
    (tmp_path / "log.csv").write_text("decision_id,way\n1,queue\n2,auto\n")

    code = main(["baseline", str(tmp_path / "log.csv"), "--policy", str(tmp_path / "policy.yaml"), "--mapping", str(tmp_path / "mapping.yaml"), "--out", str(out)])  # fmt: skip

    assert code == 0
    assert read(out).log.n == 2


def test_days_leave_out_what_lies_outside_and_say_so(
    log: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["baseline", str(log), "--out", str(out), "--from", "2026-05-03", "--to", "2026-05-09"])

    written = read(out)
    assert (written.log.first_day, written.log.last_day) == ("2026-05-03", "2026-05-09")
    assert written.log.n + written.log.n_outside == 2000
    assert f"{written.log.n_outside:,} outside the days asked for" in capsys.readouterr().out
    # The log goes on to 28 May, so the outcomes of these days have had their time.
    found = {one.metric: one for one in written.groups[0].measures}
    assert found[Metric.BAD_IF_APPROVED].value is not None


def test_a_new_version_is_seen_and_what_it_answers_is_not(log: Path, out: Path) -> None:
    main(["baseline", str(log), "--out", str(out)])
    part = read(out).targets[-1]
    main(["baseline", str(log), "--out", str(out), "--to", "2026-05-10"])
    before = read(out).targets[-1]

    # The upgrade on 15 May brings new versions; the last day is 28 May.
    assert (part.name, part.value, part.met.value) == ("feedback_used_within_days", 13, "undecided")
    assert (before.value, before.met.value) == (9, "undecided")


def test_the_options_reach_the_document(log: Path, out: Path) -> None:
    code = main(["baseline", str(log), "--out", str(out), "--by", "risk, lane,risk", "--confidence", "0.9",
                 "--floor", "0.5", "--hourly-cost", "40", "--maturity-days", "7"])  # fmt: skip

    written = read(out)
    assert code == 0
    assert {tuple(group.by) for group in written.groups} == {(), ("risk",), ("lane",)}
    assert (written.confidence, written.coverage_floor) == (0.9, 0.5)
    assert (written.hourly_cost_usd, written.outcome_maturity_days) == (40, 7)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param(["--by", "lane,moon"], "--by 'moon' is no key of groups; expected some of resolved_model, action_type", id="key"),
        pytest.param(["--by", ""], "--by '' is no key", id="no key"),
        pytest.param(["--confidence", "1"], "--confidence 1: expected 0.5 or more", id="confidence"),
        pytest.param(["--confidence", "nan"], "--confidence nan", id="confidence that is no number"),
        pytest.param(["--floor", "0"], "--floor 0: expected more than 0", id="floor"),
        pytest.param(["--hourly-cost", "-1"], "--hourly-cost -1: expected US dollars", id="cost"),
        pytest.param(["--from", "May"], "--from 'May' is no date", id="date"),
        pytest.param(["--from", "2026-05-02", "--to", "2026-05-01"], "--to 2026-05-01 lies before --from", id="order"),
    ],
)  # fmt: skip
def test_options_that_cannot_work_are_2_and_write_nothing(
    log: Path, out: Path, options: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["baseline", str(log), "--out", str(out), *options]) == 2

    assert message in capsys.readouterr().err
    assert not out.exists()


def test_a_log_with_faults_is_2_and_writes_nothing(
    tmp_path: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "log.csv").write_text("decision_id,lane,confidence\n1,fast,NaN\n1,auto,0.5\n")

    assert main(["baseline", str(tmp_path / "log.csv"), "--out", str(out)]) == 2

    err = capsys.readouterr().err
    assert "unknown words" in err
    assert "the same decision stands in several rows" in err
    assert not out.exists()


def test_rows_without_an_id_are_named_since_nobody_sees_whether_they_stand_twice(
    tmp_path: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "log.csv").write_text("decision_id,lane\n1,auto\n,auto\n,queue\n")

    assert main(["baseline", str(tmp_path / "log.csv"), "--out", str(out)]) == 0

    told = next(line for line in capsys.readouterr().out.splitlines() if "too rarely" in line)
    assert "decision id 33.3 % of 3" in told


def test_no_password_of_an_address_is_written_or_told(
    out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    address = "postgresql://me:hunter2@127.0.0.1:1/base::decisions"

    assert main(["baseline", address, "--out", str(out)]) == 2

    said = capsys.readouterr()
    assert "hunter2" not in said.out + said.err
    assert not out.exists()


def test_days_without_a_decision_are_12(
    log: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["baseline", str(log), "--out", str(out), "--from", "2026-07-01"]) == 12

    assert "the log goes from 2026-05-01 to 2026-05-28" in capsys.readouterr().err
    assert not out.exists()


def test_a_log_that_supports_no_number_is_12_and_says_why_for_each(
    tmp_path: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "log.csv").write_text("decision_id,action_type\n1,a\n2,b\n")

    assert main(["baseline", str(tmp_path / "log.csv"), "--out", str(out), "--json"]) == 12

    said = capsys.readouterr()
    assert "supports no number at all" in said.err
    measures = json.loads(said.out)["groups"][0]["measures"]
    assert all(one["stand"] == "refused" and one["reason"] for one in measures)


def test_words_of_a_log_cannot_repaint_the_terminal(
    tmp_path: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hostile = "\x1b[2J[bold]<script>alert(1)</script>"
    (tmp_path / "log.csv").write_text(
        f'decision_id,resolved_model,lane\n1,"{hostile}",auto\n2,"{hostile}",queue\n'
    )

    assert main(["baseline", str(tmp_path / "log.csv"), "--out", str(out)]) == 0

    said = capsys.readouterr().out
    assert "\x1b" not in said
    assert "[bold]" in said
    assert "<script" not in (out / "index.html").read_text()


def test_the_example_has_every_kind_of_number(out: Path) -> None:
    code = main(["baseline", str(EXAMPLE / "decisions.parquet"), "--policy", str(EXAMPLE / "policy.yaml"), "--hourly-cost", "40", "--out", str(out)])  # fmt: skip

    refused = [one.metric for one in read(out).groups[0].measures if one.value is None]
    assert code == 0
    assert refused == [Metric.PRECISION, Metric.RECALL]


def test_what_stands_out_in_the_rows_is_told_before_any_number(
    tmp_path: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mapping.yaml").write_text("values: {human_action: {denied: null}}\n")
    lines = [f"{number},2026-05-0{1 + number % 2 * 4}T00:00:00Z,queue,approve,r1,0.5,0.7" for number in range(8)]  # fmt: skip
    header = "decision_id,at,lane,human_action,reviewer_id,review_seconds,confidence"
    (tmp_path / "log.csv").write_text("\n".join([header, *lines, "9,,queue,denied,r1,9,0.7"]) + "\n")  # fmt: skip

    assert main(["baseline", str(tmp_path / "log.csv"), "--mapping", str(tmp_path / "mapping.yaml"), "--out", str(out)]) == 0  # fmt: skip

    said = capsys.readouterr().out
    gap, alike, fast, dropped = read(out).log.notes
    assert gap == "no decision on 3 of 5 days between the first and the last"
    assert alike.startswith("6 rows equal an earlier one")
    assert fast.startswith("100 % of 8 approvals with a time took less than 2 seconds")
    assert dropped.startswith("the mapping takes `denied` in `human_action` for no value")
    assert said.index("note: no decision on 3 of 5 days") < said.index("Target")
    assert "what limits them:" in said
    agreement = read(out).targets[4]
    assert (agreement.met.value, dropped in agreement.reason) == ("undecided", True)
    assert "no decision on 3 of 5 days" in (out / "index.html").read_text()
