import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from hitl.errors import DocumentError
from hitl.review.agreement import coefficients
from hitl.review.agreement_parts import AgreementReport, Scale
from hitl.review.agreement_report import agreement_report
from hitl.review.label_table import Columns, Labels, read_labels
from hitl.review.labels import Labelled, label_table
from hitl.review.votes import Coefficient

JUDGES = Path(__file__).parents[1] / "judges"
PEOPLE = ("human_1", "human_2", "human_3")

C_DATA = (
    "1 2 3 3 2 1 4 1 2 . . .",
    "1 2 3 3 2 2 4 1 2 5 . 3",
    ". 3 3 3 2 3 4 2 2 5 1 .",
    "1 2 3 3 2 4 4 1 2 5 1 .",
)
"""Krippendorff's reliability data C: four observers, twelve units."""


def generator() -> np.random.Generator:
    return np.random.default_rng(5)


def named(found: tuple[Coefficient, ...], name: str) -> Coefficient:
    return next(one for one in found if one.name == name)


def c_file(folder: Path) -> Path:
    rows = zip(*(line.split() for line in C_DATA), strict=True)
    lines = [",".join("" if cell == "." else cell for cell in row) for row in rows]
    path = folder / "c.csv"
    path.write_text("\n".join(["w,x,y,z", *lines]) + "\n", encoding="utf-8")
    return path


def c_labels(folder: Path, scale: Scale) -> Labels:
    return read_labels([c_file(folder)], Columns(raters=("w", "x", "y", "z")), scale)


@pytest.mark.parametrize(
    ("scale", "alpha"),
    [(Scale.NOMINAL, 0.743), (Scale.ORDINAL, 0.815), (Scale.INTERVAL, 0.849)],
)
def test_published_alphas_come_out_of_a_file_with_blanks(
    tmp_path: Path, scale: Scale, alpha: float
) -> None:
    report = agreement_report(c_labels(tmp_path, scale), generator())
    assert named(report.coefficients, "krippendorff_alpha").estimate == pytest.approx(alpha, abs=5e-4)  # fmt: skip
    assert (report.n_units, report.n_twice, report.n_labels, report.n_blank) == (12, 11, 41, 7)
    assert AgreementReport.model_validate_json(report.model_dump_json()) == report


def test_the_published_ac1_comes_out_of_the_same_file(tmp_path: Path) -> None:
    report = agreement_report(c_labels(tmp_path, Scale.NOMINAL), generator())
    assert named(report.coefficients, "gwet_ac1").estimate == pytest.approx(0.77544, abs=5e-6)
    assert named(report.coefficients, "raw").estimate == pytest.approx(0.81818, abs=5e-6)


def test_ordered_labels_are_weighed_by_distance_between_two_raters(tmp_path: Path) -> None:
    plain = agreement_report(c_labels(tmp_path, Scale.NOMINAL), generator())
    ordered = agreement_report(c_labels(tmp_path, Scale.ORDINAL), generator())
    assert "quadratic" in named(ordered.coefficients, "cohen_kappa").method
    assert "quadratic" not in named(plain.coefficients, "cohen_kappa").method


def test_three_people_on_999_pairs_agree_as_can_be_counted_by_hand() -> None:
    path = JUDGES / "pandalm.jsonl.gz"
    labels = read_labels([path], Columns(raters=PEOPLE, unit="case_id"))
    report = agreement_report(labels, generator())
    rows = [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]
    same = sum(
        (row[one] == row[other]) / 3
        for row in rows
        for one, other in (PEOPLE[:2], PEOPLE[1:], PEOPLE[::2])
    )
    assert report.n_twice == len(rows)
    assert named(report.coefficients, "raw").estimate == pytest.approx(same / len(rows))
    pairs = [one for one in report.coefficients if one.name == "cohen_kappa"]
    assert {one.subject for one in pairs} == {
        "label: human_1, human_2",
        "label: human_1, human_3",
        "label: human_2, human_3",
    }
    for one in report.coefficients:
        assert one.low is not None
        assert one.estimate is not None
        assert one.high is not None
        assert one.low < one.estimate < one.high


@pytest.mark.parametrize("model", ["gpt4", "llama2new", "llama2orig"])
def test_two_people_agree_as_was_published(model: str) -> None:
    path = JUDGES / f"xstest.{model}.jsonl.gz"
    columns = Columns(raters=("human_label_1", "human_label_2"), unit="case_id")
    report = agreement_report(read_labels([path], columns), generator())
    kappa = named(report.coefficients, "cohen_kappa").estimate
    assert kappa is not None
    assert 0.885 <= kappa <= 0.975


def test_long_and_wide_files_say_the_same(tmp_path: Path) -> None:
    wide = c_labels(tmp_path, Scale.INTERVAL)
    rows = list(zip(*(line.split() for line in C_DATA), strict=True))
    long = tmp_path / "long.jsonl"
    lines = [
        json.dumps({"item": f"{unit:02d}", "who": "wxyz"[place], "says": None if cell == "." else int(cell)})
        for unit, row in enumerate(rows)
        for place, cell in enumerate(row)
    ]  # fmt: skip
    long.write_text("\n".join(reversed(lines)) + "\n", encoding="utf-8")
    found = read_labels([long], Columns(unit="item", rater="who", label="says"), Scale.INTERVAL)
    assert found.table.categories == wide.table.categories
    first, second = (agreement_report(one, generator()) for one in (found, wide))
    assert first.coefficients == second.coefficients


def test_groups_speak_for_themselves_from_fifty_units_on(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    rows = [f"u{n},{'big' if n < 60 else 'small'},{n % 2},{n % 2}" for n in range(100)]
    path.write_text("\n".join(["id,kind,a,b", *rows]), encoding="utf-8")
    labels = read_labels([path], Columns(raters=("a", "b"), unit="id", by="kind"))
    report = agreement_report(labels, generator())
    big, small = report.groups
    assert (big.group, big.n_twice, small.n_twice) == ("big", 60, 40)
    assert named(big.coefficients, "gwet_ac1").estimate == 1.0
    assert small.coefficients == ()
    assert small.reason == "40 units with two labels or more; 50 are asked for"
    assert "1 of 2 groups" in report.note


def test_units_of_one_cluster_widen_every_interval() -> None:
    rng = np.random.default_rng(2)
    alone, shared = [], []
    for cluster in range(12):
        agree = rng.random() < 0.6
        for n in range(6):
            label = "ab"[int(rng.integers(2))]
            other = label if agree else "ab"[label == "a"]
            alone.append(Labelled({"x": label, "y": other}, f"{cluster}-{n}"))
            shared.append(Labelled({"x": label, "y": other}, f"{cluster}"))
    narrow = coefficients(label_table("label", ("a", "b"), alone), generator())
    wide = coefficients(label_table("label", ("a", "b"), shared), generator())
    for one, other in zip(narrow, wide, strict=True):
        assert one.estimate == pytest.approx(other.estimate)
        assert None not in (one.low, one.high, other.low, other.high)
        assert other.high - other.low > 1.5 * (one.high - one.low)  # type: ignore[operator]


def test_complete_agreement_on_one_label_is_raw_and_ac1_and_no_kappa() -> None:
    units = [Labelled({"x": "a", "y": "a", "z": "a"}, str(n)) for n in range(40)]
    found = coefficients(label_table("label", ("a", "b"), units), generator())
    raw, ac1 = named(found, "raw"), named(found, "gwet_ac1")
    assert raw.estimate == ac1.estimate == 1.0
    assert raw.low is not None
    assert raw.low == pytest.approx(0.025 ** (1 / 40))  # what forty units without a miss prove
    for name in ("fleiss_kappa", "krippendorff_alpha", "cohen_kappa"):
        assert named(found, name).estimate is None
        assert "chance alone" in named(found, name).reason


def test_without_a_unit_rated_twice_there_is_a_reason_and_no_value() -> None:
    units = [Labelled({"x" if n % 2 else "y": "a"}, str(n)) for n in range(20)]
    found = coefficients(label_table("label", ("a", "b"), units), generator())
    assert {one.name for one in found} == {"raw", "fleiss_kappa", "krippendorff_alpha", "gwet_ac1"}
    assert {one.estimate for one in found} == {None}
    assert {one.reason for one in found} == {"no unit was rated twice"}


def test_few_units_have_a_value_and_no_interval() -> None:
    units = [Labelled({"x": "ab"[n % 2], "y": "ab"[n % 2]}, str(n)) for n in range(7)]
    for one in coefficients(label_table("label", ("a", "b"), units), generator()):
        assert one.estimate == 1.0
        assert (one.low, one.high) == (None, None)
        assert "too few" in one.reason


def test_raters_with_few_common_units_are_not_compared() -> None:
    units = [Labelled({"x": "a", "y": "b"} if n < 7 else {"x": "a", "z": "b"}, str(n)) for n in range(20)]  # fmt: skip
    found = coefficients(label_table("label", ("a", "b"), units), generator())
    assert [one.subject for one in found if one.name == "cohen_kappa"] == ["label: x, z"]


@pytest.mark.parametrize(
    ("text", "columns", "options", "expected"),
    [
        ("id,a\nu,1\n", Columns(raters=("a", "b"), unit="id"), {}, "b: no such column; there are: a, id"),
        ("id,a,a\nu,1,2\n", Columns(raters=("a",), unit="id"), {}, "stands twice"),
        ("id,a\nu,1,2\n", Columns(raters=("a",), unit="id"), {}, "3 cells; the first line names 2"),
        ("id,a\nu,1\nu,2\n", Columns(raters=("a",), unit="id"), {}, ":3: a: labels the unit u twice"),
        ("id,a\n,1\n", Columns(raters=("a",), unit="id"), {}, ":2: id: is blank"),
        ("id,a,g\nu,1,x\nu,,y\n", Columns(raters=("a",), unit="id", by="g"), {}, "two groups"),
        ("id,a\nu,good\n", Columns(raters=("a",), unit="id"), {"scale": Scale.ORDINAL}, "'good' is no number"),
        ("id,a\nu,good\n", Columns(raters=("a",), unit="id"), {"order": ("bad",)}, "'good' is not among bad"),
        ("id,a\nu,2\n", Columns(raters=("a",), unit="id"), {"order": ("2", "1"), "scale": Scale.INTERVAL}, "numbers that rise"),
        ("id,a\nu,\"1\n", Columns(raters=("a",), unit="id"), {}, "not valid CSV"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_counted_is_refused_with_its_place(
    tmp_path: Path, text: str, columns: Columns, options: dict[str, object], expected: str
) -> None:
    path = tmp_path / "labels.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DocumentError, match=expected.replace("(", r"\(")):
        read_labels([path], columns, **options)  # type: ignore[arg-type]


def test_every_wrong_line_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    path.write_text('{"id": "u", "a": 1}\n[1]\nnothing\n{"id": "", "a": 1}\n', encoding="utf-8")
    with pytest.raises(DocumentError) as caught:
        read_labels([path], Columns(raters=("a",), unit="id"))
    assert [mistake.line for mistake in caught.value.mistakes] == [2, 3, 4]


def test_named_order_makes_words_ordinal(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    rows = [f"u{n},{'bad,fair' if n % 3 else 'good,good'}" for n in range(30)]
    path.write_text("\n".join(["id,a,b", *rows]), encoding="utf-8")
    columns = Columns(raters=("a", "b"), unit="id")
    labels = read_labels([path], columns, Scale.ORDINAL, ("bad", "fair", "good"))
    assert labels.table.categories == ("bad", "fair", "good")
    assert agreement_report(labels, generator()).scale is Scale.ORDINAL


def test_white_space_and_null_are_blank_and_words_are_labels(tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    lines = [{"id": "1", "a": " ", "b": "NA"}, {"id": "2", "a": None, "b": " x "}, {"id": "3", "b": "x"}, {"id": "4", "a": "x"}]  # fmt: skip
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    labels = read_labels([path], Columns(raters=("a", "b"), unit="id"))
    assert labels.table.categories == ("NA", "x")
    assert labels.table.is_given.tolist() == [[False, True]] * 3 + [[True, False]]


def test_a_label_that_nobody_gave_is_refused_and_not_dropped(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("unit,who,label\nu,a,good\nu,,bad\nv,,\n", encoding="utf-8")
    with pytest.raises(DocumentError, match="must name who gave it") as caught:
        read_labels([path], Columns(unit="unit", rater="who", label="label"))
    assert [mistake.line for mistake in caught.value.mistakes] == [3]


def test_a_file_that_is_named_twice_does_not_count_twice(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("a,b\ngood,good\n", encoding="utf-8")
    other = tmp_path / "beside" / ".." / "labels.csv"
    (tmp_path / "beside").mkdir()
    with pytest.raises(DocumentError, match="2 times among the files"):
        read_labels([path, other], Columns(raters=("a", "b")))
