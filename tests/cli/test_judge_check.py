import gzip
import json
from pathlib import Path

import pytest

from hitl.cli.door import main
from hitl.score.judge.certificate import JudgeCertificate
from tests.cli.workspace import Row, Workspace, write_lines
from tests.judges.example import LABELS, content

JUDGES = Path(__file__).parents[1] / "judges"


def row(number: int, human: object, judge: object, arm: str) -> Row:
    return {"item": f"c{number:03}", "arm": arm, "human": human, "judge": judge}


def rows_of(wrong: int = 2) -> list[Row]:
    """Sixty cases in both arms, half of them good; the judge passes so many bad ones of each arm."""
    return [
        row(number, 5 if number < 30 else 1, 5 if number < 30 + wrong else 1, arm)
        for arm in ("previous", "candidate")
        for number in range(60)
    ]


@pytest.fixture
def judged(release: Workspace) -> Workspace:
    """Return a release with a judge and a rubric, and labels that certify it."""
    release.manifest["judge"] = {
        "model": {"id": "acme/judge-1", "provider": "openai", "base_url": "http://localhost:1"}
    }
    release.golden["rubrics"] = {"grounded": {"version": "2", "text": "Grade 1 to 5."}}
    release.write()
    write_lines(release.root / "labels.jsonl", rows_of())
    return release


def run(workspace: Workspace, *options: str) -> int:
    return main(["golden", "judge-check", str(workspace.root / "labels.jsonl"), *options])


def certified(workspace: Workspace, *options: str) -> int:
    release = str(workspace.root / "release.yaml")
    given = ("--release", release, "--rubric", "grounded", "--at-least", "4", *options)
    return run(workspace, *given)


def test_a_good_judge_gets_a_certificate(
    judged: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    out = judged.root / "certificates" / "grounded.json"

    assert certified(judged, "--out", str(out)) == 0

    said = capsys.readouterr()
    assert said.err == f"wrote {out}\n"
    assert "valid until" in said.out
    certificate = JudgeCertificate.model_validate_json(out.read_text())
    assert (certificate.valid, certificate.rubric, certificate.rubric_version) == (
        True,
        "grounded",
        "2",
    )
    assert (certificate.model, certificate.at_least) == ("acme/judge-1", 4.0)
    assert (certificate.valid_until - certificate.created_at).days == 90
    assert (certificate.n_items, certificate.n_scored, certificate.n_clusters) == (120, 120, 60)
    # 116 of 120 right; people pass 60, the judge 64: chance (60*64 + 60*56) / 120² = 1/2.
    assert certificate.kappa.estimate == pytest.approx(2 * 116 / 120 - 1)


def test_a_poor_judge_is_held_and_its_certificate_says_so(
    judged: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    write_lines(judged.root / "labels.jsonl", rows_of(wrong=15))
    out = judged.root / "grounded.json"

    assert certified(judged, "--out", str(out)) == 10

    assert "not valid" in capsys.readouterr().out
    assert not JudgeCertificate.model_validate_json(out.read_text()).valid


def test_json_is_the_certificate_and_nothing_else(
    judged: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    assert certified(judged, "--json", "--valid-days", "7") == 0

    said = capsys.readouterr()
    found = JudgeCertificate.model_validate_json(said.out)
    assert (found.valid_until - found.created_at).days == 7
    assert said.err == ""


def test_without_a_release_the_agreement_is_shown_and_nothing_is_certified(
    judged: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(judged, "--at-least", "4") == 0
    assert "no certificate: which judge this was is not known" in capsys.readouterr().out

    assert run(judged, "--at-least", "4", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert "judge_id" not in found
    assert found["valid"] is True
    assert found["arms"][0]["specificity"]["k"] == 28


def test_a_golden_set_alone_gives_the_scale_and_no_certificate(
    judged: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--golden", str(judged.root / "set.yaml"), "--rubric", "grounded", "--json")

    assert run(judged, "--at-least", "4", *options) == 0

    found = json.loads(capsys.readouterr().out)
    assert found["labels"] == ["1", "2", "3", "4", "5"]
    assert "judge_id" not in found


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--out", "c.json"), "--out needs --release"),
        (("--rubric", "grounded"), "--rubric needs --release or --golden"),
        (("--at-least", "4", "--positive", "5"), "not both"),
        (("--positive", "6"), "no label"),
        (("--judge-column", "model"), "is missing"),
        (("--human-column", "person"), "is missing"),
        (("--arm-column", "side"), "is missing"),
        (("--confidence", "0.5"), "0.8"),
        (("--labels", "1,2"), "is no label"),
    ],
)
def test_wrong_usage_is_2_and_says_what_would_work(
    judged: Workspace,
    capsys: pytest.CaptureFixture[str],
    options: tuple[str, ...],
    words: str,
) -> None:
    assert run(judged, *options) == 2

    said = capsys.readouterr()
    assert words in said.err
    assert said.out == ""


def test_a_rubric_that_the_set_does_not_have_is_named_with_those_it_has(
    judged: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    release = str(judged.root / "release.yaml")

    assert run(judged, "--release", release, "--rubric", "tone") == 2
    assert "grounded" in capsys.readouterr().err
    assert run(judged, "--release", release) == 2
    assert "name the rubric" in capsys.readouterr().err


def test_a_release_without_a_judge_is_refused(
    release: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(release.write())
    write_lines(release.root / "labels.jsonl", rows_of())

    assert run(release, "--release", path, "--rubric", "grounded") == 2
    assert "names no judge" in capsys.readouterr().err


def test_every_broken_line_is_told_at_once(
    judged: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    good = json.dumps(row(1, 5, 5, "previous"))
    lines = [
        good,
        good,
        "[1]",
        '{"item": ',
        '{"item": "x", "human": 5, "judge": 5}',
        '{"item": "y", "arm": "previous", "human": {"a": 1}, "judge": 5}',
        '{"item": "z", "arm": "previous", "judge": 5}',
        '{"item": "v", "arm": "previous", "human": 5, "judge": 5, "flipped": "no"}',
    ]
    (judged.root / "labels.jsonl").write_text("\n".join(lines))

    assert run(judged) == 2

    said = capsys.readouterr().err
    for number, words in (
        (2, "stands twice"),
        (3, "expected one JSON object"),
        (4, "not valid JSON"),
        (5, "names no arm"),
        (6, "expected text"),
        (7, "is missing"),
        (8, "true, false or null"),
    ):
        assert f"labels.jsonl:{number}: " in said
        assert words in said


@pytest.mark.parametrize("content_", ["", '{"item": "a", "human": null, "judge": 1}\n'])
def test_nothing_to_judge_is_12(
    judged: Workspace, capsys: pytest.CaptureFixture[str], content_: str
) -> None:
    (judged.root / "labels.jsonl").write_text(content_)

    assert certified(judged) == 12
    assert "nothing to judge by" in capsys.readouterr().err


def test_what_a_judge_wrote_cannot_repaint_the_terminal(
    judged: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    hostile = "\x1b[2J[bold]4[/bold] \u202e:boom:"
    write_lines(judged.root / "labels.jsonl", [*rows_of(), row(900, 5, hostile, "previous")])

    assert run(judged, "--at-least", "4") == 0

    said = capsys.readouterr().out
    assert "\x1b" not in said
    assert "\u202e" not in said
    assert "[bold]4[/bold]" in said


def test_half_a_character_is_no_label_and_no_fault(
    judged: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    write_lines(judged.root / "labels.jsonl", [*rows_of(), row(900, 5, "\ud800", "previous")])

    assert certified(judged, "--json") == 0

    found = JudgeCertificate.model_validate_json(capsys.readouterr().out)
    assert [one.said for one in found.unscored] == ["\\ud800"]


def test_files_of_others_work_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    people = [word for n in (1, 2, 3) for word in ("--human-column", f"human_{n}")]
    columns = ["--judge-column", "judge_gpt35_raw", "--item-column", "case_id"]

    assert main(["golden", "judge-check", str(JUDGES / "pandalm.jsonl.gz"), *people, *columns]) == 0

    said = capsys.readouterr().out
    assert "37 of 499 answers of the judge are no label" in said
    assert 'pandalm:87 (line 88): the judge said "Tie"' in said


def test_pandalm_and_xstest_carry_ids_and_labels_only() -> None:
    for path in sorted(JUDGES.glob("*.jsonl.gz")):
        for line in gzip.decompress(path.read_bytes()).splitlines():
            values = json.loads(line).items()
            assert all(isinstance(value, int | None) or len(value) < 20 for _, value in values)


def test_the_example_labels_are_what_their_script_makes() -> None:
    assert LABELS.read_bytes() == content()
