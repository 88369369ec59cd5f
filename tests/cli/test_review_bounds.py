"""What people type at `hitl review`: figures beyond all bounds, titles that cannot be shown, columns that are not there."""

from pathlib import Path

import pytest

from hitl.cli.door import main
from tests.cli.reviewed import Reviewed


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """Return a release that can be packed."""
    found = Reviewed(tmp_path, 8)
    del found.manifest["review"]
    return found.workspace.write()


@pytest.mark.parametrize(
    "options",
    [
        ["--minutes", "inf"],
        ["--minutes", "1e308"],
        ["--items", "9" * 30],
        ["--minutes", "5", "--seconds-per-item", "inf"],
        ["--title", ""],
        ["--title", "two\nlines"],
        ["--title", "t" * 201],
    ],
    ids=" ".join,
)
def test_nothing_is_packed_from_figures_or_words_without_bounds(
    release: Path, options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    out = release.parent / "packed"
    assert main(["review", "pack", str(release), "--out", str(out), *options]) == 2
    assert not out.exists()
    assert options[-2] in capsys.readouterr().err


def test_every_name_and_title_that_cannot_be_shown_is_told_at_once(
    release: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = ["--reviewers", "a\nb,c\td,e", "--title", " "]
    assert main(["review", "pack", str(release), *names]) == 2
    said = capsys.readouterr().err
    assert all(word in said for word in ("'a\\nb'", "'c\\td'", "--title"))


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    path = tmp_path / "labels.csv"
    rows = [f"{n},{'ab'[n % 2]},{'ab'[n % 3 == 0]},{'x' if n < 9 else ''}" for n in range(20)]
    path.write_text("\n".join(["unit,ann,bo,theme", *rows]))
    return path


def test_columns_that_are_not_there_are_named_and_nothing_else_is(
    labels: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = ["--unit", "case", "--by", "kind", "--cluster", "family"]
    assert main(["review", "agree", str(labels), "--raters", "ann,bo", *wrong]) == 2
    said = capsys.readouterr().err
    assert all(f"{name}: no such column" in said for name in ("case", "kind", "family"))
    assert "twice" not in said
    assert "two groups" not in said
    assert "is blank" not in said


def test_a_unit_without_a_cluster_is_a_cluster_of_its_own(
    labels: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nine units share a cluster, eleven have none: twelve that are independent."""
    asked = ["--raters", "ann,bo", "--unit", "unit", "--cluster", "theme"]
    assert main(["review", "agree", str(labels), *asked]) == 0
    assert "n = 20" in capsys.readouterr().out


def test_a_column_that_is_named_twice_is_not_two_raters(
    labels: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["review", "agree", str(labels), "--raters", "ann,ann"]) == 2
    assert "'ann' more than once" in capsys.readouterr().err
