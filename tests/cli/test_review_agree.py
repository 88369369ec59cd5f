"""`hitl review agree`: how far raters agree, on labels of any origin."""

import json
from pathlib import Path

import pytest

from hitl.cli.door import main

WIDE = "item,ann,bo,group\n" + "".join(
    f"{number},{'yes' if number < 30 else 'no'},{'yes' if number < 25 or number >= 45 else 'no'},{'a' if number % 2 else 'b'}\n"
    for number in range(50)
)
"""Ann: 30 yes, 20 no. Bo agrees on 25 of the yes and 15 of the no."""


def say(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    capsys.readouterr()
    code = main(["review", "agree", *map(str, words)])
    said = capsys.readouterr()
    return code, said.out, said.err


@pytest.fixture
def wide(tmp_path: Path) -> Path:
    path = tmp_path / "labels.csv"
    path.write_text(WIDE)
    return path


def test_two_raters_of_fifty_units_by_hand(wide: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = say(capsys, wide, "--raters", "ann,bo", "--json")
    found = {one["name"]: one for one in json.loads(out)["coefficients"]}

    assert code == 0
    assert found["raw"]["estimate"] == pytest.approx(40 / 50)
    # Chance: 0.6 of yes by both, 0.4 of no by both.
    assert found["cohen_kappa"]["estimate"] == pytest.approx((0.8 - 0.52) / (1 - 0.52))
    assert all(one["n"] == 50 and one["low"] < one["estimate"] < one["high"] for one in found.values())  # fmt: skip


def test_one_line_a_label_is_the_same(
    wide: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [line.split(",") for line in WIDE.splitlines()[1:]]
    long = tmp_path / "long.jsonl"
    lines = [
        json.dumps({"unit": row[0], "who": who, "said": row[at]})
        for row in rows
        for at, who in ((1, "ann"), (2, "bo"))
    ]
    long.write_text("\n".join(lines))
    _, one, _ = say(capsys, wide, "--unit", "item", "--raters", "ann,bo", "--json")
    _, other, _ = say(capsys, long, "--unit", "unit", "--rater", "who", "--label", "said", "--json")

    assert json.loads(one)["coefficients"] == json.loads(other)["coefficients"]


def test_for_people_every_coefficient_has_its_interval_and_n(
    wide: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = say(capsys, wide, "--raters", "ann,bo", "--by", "group")

    assert code == 0
    for name in ("Fleiss' kappa", "Krippendorff's alpha", "Gwet's AC1", "Cohen's kappa"):
        assert name in out
    assert "n = 50" in out


def test_where_nobody_labelled_what_another_did_nothing_can_be_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("ann,bo\nyes,\n,no\n")
    code, out, _ = say(capsys, path, "--raters", "ann,bo")

    assert code == 12
    assert "no unit was rated twice" in out


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--raters", "ann"),
        ("--unit", "item", "--rater", "ann"),
        ("--raters", "ann,bo", "--label", "group"),
    ],
)
def test_where_labels_stand_must_be_said_whole(
    wide: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    code, out, err = say(capsys, wide, *words)

    assert (code, out) == (2, "")
    assert "--raters" in err


def test_every_mistake_is_told_at_once(
    wide: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other.csv"
    other.write_text("item,ann\n1,yes\n")
    code, _, err = say(capsys, wide, other, "--raters", "ann,bo,cy")

    assert code == 2
    assert "labels.csv: cy: no such column" in err
    assert "other.csv: bo: no such column" in err


def test_a_file_that_is_not_there_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = say(capsys, tmp_path / "ratings.json")

    assert code == 2
    assert "ratings.json" in err
