import re
from collections.abc import Iterator
from itertools import pairwise

import pytest

from hitl.decisions.measures.baseline import Baseline
from hitl.decisions.measures.parts import Calibration, Group
from hitl.decisions.measures.words import Met, Metric
from hitl.render import numbers
from hitl.render.baseline import numbers as baseline_numbers
from hitl.render.baseline import reliability
from hitl.render.baseline.page import MOST_CALIBRATIONS, render_baseline
from hitl.render.baseline.sections import MOST_LINES
from hitl.render.baseline.sides import MOST_COLUMNS, MOST_PAIRS
from hitl.render.baseline.words import METRICS, group_name, target_words
from tests.render.page_reader import PageReader
from tests.render.sample_baseline import (
    ACTIONS,
    HOSTILE,
    MODELS,
    a_baseline,
    a_baseline_of_many_groups,
    a_group,
    a_hostile_baseline,
    a_measured,
    a_refused,
    an_empty_baseline,
)

EVERY = [
    pytest.param(a_baseline(), id="rich"),
    pytest.param(an_empty_baseline(), id="everything refused"),
    pytest.param(a_hostile_baseline(), id="hostile"),
    pytest.param(a_baseline().model_copy(update={"groups": (), "targets": ()}), id="nothing"),
]


def _read(baseline: Baseline) -> PageReader:
    reader = PageReader()
    reader.feed(render_baseline(baseline))
    reader.close()
    return reader


def _section(baseline: Baseline, name: str) -> str:
    found = re.search(rf'<section aria-labelledby="{name}">.*?</section>', render_baseline(baseline), re.DOTALL)  # fmt: skip
    assert found is not None
    reader = PageReader()
    reader.feed(found.group())
    return reader.text


def _said(group: Group) -> Iterator[str]:
    for measured in group.measures:
        if baseline_numbers.is_said(measured):
            yield baseline_numbers.figure(measured)
            yield baseline_numbers.interval(measured)
        else:
            yield baseline_numbers.why_not(measured)
        yield f"{measured.n:,}"
        yield f"{measured.population:,}"


def test_what_log_it_is_stands_before_everything_else() -> None:
    baseline = a_baseline()
    page = render_baseline(baseline)
    before = page[: page.index('id="targets"')]

    for text in (
        "6,276 decisions, 2026-05-01 to 2026-06-30",
        "manifests/incident-triage/decisions.parquet",
        *MODELS,
        "alias, no version",
        "reviewer in 39.2 %: too many",
        "14 set aside by the mapping",
        "84 planted to test reviewers",
        "2 met, 1 missed, 2 undecided, 1 unmeasured",
        "People changed or rejected 8.1 % of what they acted on",
    ):
        assert text in before


def test_every_target_stands_with_its_value_interval_n_state_and_reason() -> None:
    baseline = a_baseline()
    text = _section(baseline, "targets")

    for target in baseline.targets:
        title = target_words(target.name).title
        part = text[text.index(f"{title} {target.met.value}") :]
        assert f"target {baseline_numbers.wanted(target)}, n = {target.n:,}" in part
        assert target.reason in part
    assert "Escalation met Decisions that are sent to a person before they run. 27.2 % 26.0 to 28.4 %" in text  # fmt: skip
    assert "5.70 min 5.21 to 6.48 min" in text
    assert "○" not in text.split("Feedback used")[0]
    assert "not said target at most 31 days, n = 0" in text


def test_a_target_is_told_by_word_shape_and_place_and_not_by_colour_alone() -> None:
    page = render_baseline(a_baseline())
    targets = page[
        page.index('<ul class="targets">') : page.index('<section aria-labelledby="people">')
    ]

    for state, shape in (
        ("met", '<circle class="dot"'),
        ("missed", '<rect class="dot"'),
        ("undecided", '<path class="dot"'),
    ):
        cards = [card for card in targets.split("<li ") if f"</svg>{state}</span>" in card]
        assert cards
        assert all(shape in card for card in cards)
        assert all(f": {state}.</desc>" in card for card in cards)


def test_every_number_of_the_document_stands_on_the_page() -> None:
    baseline = a_baseline()
    text = _read(baseline).text

    for group in baseline.groups:
        for said in _said(group):
            assert said in text
    for measured in baseline.groups[0].measures:
        assert measured.method in text
        assert numbers.count(measured.k) in text
    for part in baseline.log.attribution:
        assert f"{part.n:,} {part.population:,}" in text
    for model in baseline.log.models:
        assert f"{model.n:,} {numbers.percent(model.n / baseline.log.n)}" in text
        assert f"{model.first_day}" in text
    assert "20260720" in text
    assert "43.5 USD an hour" in text
    assert "at least 14 days older than the last day of the log" in text


def test_a_number_stands_beside_the_name_of_its_group_and_its_n() -> None:
    text = _section(a_baseline(), "people")
    by_action = text[
        text.index("Override by action type") : text.index("Override by reviewer pool")
    ]

    assert re.search(
        r"annotate_incident 4\.9 % \S+ to \S+ % Override: annotate_incident 4\.9 %", by_action
    )
    assert re.search(r"n = 2,310 of 2,327\. 2,310 of 2,327 hold_deployments", by_action)


def test_models_stand_side_by_side_in_one_table() -> None:
    page = render_baseline(a_baseline())
    models = page[page.index('aria-labelledby="models"') : page.index('aria-labelledby="groups"')]
    row = re.search(r'<th scope="row">Override</th>(.*?)</tr>', models)

    assert row is not None
    assert re.findall(r"<b>(.*?)</b>", row[1]) == ["7.3 %", "8.6 %"]
    assert "not said</span><sup>1</sup><small>n = 50 of 1,234</small>" in row[1]
    assert (
        "<li>only 61.9 % of 1,234 decisions name the model that answered; the floor is 80 %</li>"
        in models
    )


def test_models_stand_in_the_same_order_in_every_table() -> None:
    rich = a_baseline()
    turned = rich.model_copy(update={"groups": (*rich.groups[:-10], *reversed(rich.groups[-10:]))})
    page = render_baseline(turned)

    for name in ACTIONS:
        table = page[page.index(f"<caption>{name}: the number") :]
        assert table.index(MODELS[0]) < table.index(MODELS[1])


def test_what_is_refused_says_so_with_its_reason_and_is_never_a_blank_or_a_zero() -> None:
    baseline = an_empty_baseline()
    people = _section(baseline, "people")

    for metric in (Metric.OVERRIDE_RATE, Metric.TIMEOUT_RATE):
        words = METRICS[metric]
        assert f"{words.title} {words.sentence} not said only 61.9 % of 1,234 decisions" in people
    assert "0.0 %" not in people
    assert '<circle class="dot"' not in render_baseline(baseline)
    assert "Calibration error not said: no label." in _section(baseline, "calibration")


def test_a_number_that_the_document_lacks_is_said_to_be_lacking() -> None:
    lean = a_baseline().model_copy(
        update={"groups": (Group(by={}, n=9, measures=(a_measured(Metric.OVERRIDE_RATE, 9),)),)}
    )

    assert "not said this baseline does not have it" in _section(lean, "lanes")
    assert "not said : the log does not have confidence and labels enough" in _section(lean, "calibration")  # fmt: skip


def test_a_number_without_an_interval_says_so() -> None:
    bare = a_measured(Metric.ECE, 50).model_copy(update={"low": None, "high": None})
    baseline = a_baseline().model_copy(update={"groups": (Group(by={}, n=50, measures=(bare,)),)})

    assert "0.031 no interval" in _section(baseline, "calibration")


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        pytest.param({}, "0.031; by chance alone 0.012 to 0.040: no sign of miscalibration.", id="fine"),
        pytest.param({"error": 0.0918, "is_miscalibrated": True}, "0.092; by chance alone 0.012 to 0.040: confidence is not what it says.", id="not fine"),
        pytest.param({"is_miscalibrated": None}, "0.031; whether that is more than chance cannot be said: few labels.", id="no judgement"),
        pytest.param({"null_low": None}, "0.031; whether that is more than chance cannot be said: few labels.", id="no band"),
        pytest.param({"error": None, "is_miscalibrated": False}, "not said: few labels.", id="no error"),
    ],
)  # fmt: skip
def test_calibration_is_told_beside_what_chance_alone_would_give(
    changed: dict[str, object], says: str
) -> None:
    part = Calibration(bins=(), error=0.0312, null_low=0.0121, null_high=0.0404, is_miscalibrated=False, note="few labels").model_copy(update=changed)  # fmt: skip

    assert baseline_numbers.calibrated(part) == f"Calibration error {says}"


@pytest.mark.parametrize("baseline", EVERY)
def test_the_page_has_no_script_no_outside_address_and_no_inline_style(baseline: Baseline) -> None:
    reader = _read(baseline)

    assert not {"script", "iframe", "object", "embed", "form", "img", "base"} & set(reader.tags)
    assert reader.tags.count("style") == 1
    for name, value in reader.attributes:
        assert not name.startswith("on")
        assert name not in {"style", "src", "action"}
        if name == "href":
            assert value is not None
            assert value.startswith("#") or value == "data:,"


@pytest.mark.parametrize("baseline", EVERY)
def test_the_page_is_well_formed(baseline: Baseline) -> None:
    reader = _read(baseline)
    levels = [int(tag[1]) for tag in reader.tags if re.fullmatch(r"h\d", tag)]

    assert reader.open == []
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert reader.tags.count("caption") == reader.tags.count("table")
    ids = [value for name, value in reader.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    for name, value in reader.attributes:
        if name == "href" and value and value.startswith("#"):
            assert value[1:] in ids
        if name == "aria-labelledby":
            assert set((value or "").split()) <= set(ids)


def test_every_picture_has_a_title_and_says_its_numbers() -> None:
    page = render_baseline(a_baseline())
    pictures = re.findall(r'<svg[^>]*role="img".*?</svg>', page, re.DOTALL)

    assert len(pictures) > 30
    for picture in pictures:
        assert re.search(
            r"<title id=\"[^\"]+\">[^<]+</title><desc id=\"[^\"]+\">[^<]+</desc>", picture
        )
    hidden = re.findall(r"<svg(?![^>]*role=\"img\")[^>]*>", page)
    assert all('aria-hidden="true"' in tag for tag in hidden)


def test_hostile_names_are_shown_and_do_nothing() -> None:
    page = render_baseline(a_hostile_baseline())
    text = _read(a_hostile_baseline()).text

    assert page.count("</style>") == 1
    assert "<script>window.pwned=1</script>" in text
    assert "⟨U+202E⟩gnp.exe⟨U+001B⟩[2J" in text
    assert "\u202e" not in page
    assert "{{ 7 * 7 }}" in text
    assert HOSTILE[-1] not in text
    assert "None" not in text


@pytest.mark.parametrize("name", ["group", "'" * 90, "漢" * 200])
def test_a_page_of_five_hundred_groups_stays_below_two_megabytes_and_says_what_it_left_out(
    name: str,
) -> None:
    baseline = a_baseline_of_many_groups(500, name)
    page = render_baseline(baseline)
    singles = sum("lane" in group.by and len(group.by) == 1 for group in baseline.groups)

    assert len(page.encode()) < 2_000_000
    assert f"{singles - MOST_COLUMNS:,} smaller groups are in baseline.json." in page
    assert f"{singles - MOST_LINES:,} smaller groups are in baseline.json." in page
    pairs = sum(set(group.by) == {"resolved_model", "lane"} for group in baseline.groups)
    assert f"{pairs - MOST_PAIRS:,} smaller groups are in baseline.json." in page


def test_the_largest_groups_are_kept() -> None:
    baseline = a_baseline()
    small = [a_group({"lane": f"small-{at}"}, 5) for at in range(60)]
    large = a_group({"lane": "large"}, 5_000)

    page = render_baseline(baseline.model_copy(update={"groups": (baseline.groups[0], *small, large)}))  # fmt: skip

    assert page.count('<th scope="row">large</th>') == 1
    assert "small-59" not in page


def test_groups_that_the_baseline_itself_left_out_are_told() -> None:
    assert "3 groups beyond these" in _read(a_baseline()).text


def test_a_value_that_is_not_named_is_no_name() -> None:
    page = render_baseline(a_baseline())

    assert "<em>model not named in the log</em>" in page
    assert group_name({"lane": "not named in the log"}) != group_name({"lane": None})


def test_the_same_baseline_gives_the_same_page() -> None:
    assert render_baseline(a_baseline()) == render_baseline(a_baseline())


def test_every_state_of_a_target_is_explained() -> None:
    text = _section(a_baseline(), "targets")

    assert all(met.value in text.split("Escalation met")[0] for met in Met)


def test_the_number_of_all_decisions_is_drawn_beside_those_of_groups() -> None:
    page = render_baseline(a_baseline())
    by_lane = page[page.index("<h3>Override by lane</h3>") : page.index('aria-labelledby="lanes"')]

    assert "A dashed line marks all decisions." in by_lane
    assert by_lane.count('<path class="overall"') == 4
    alone = a_baseline()
    without = alone.model_copy(update={"groups": alone.groups[1:]})
    assert '<path class="overall"' not in render_baseline(without)
    assert "A dashed line" not in render_baseline(without)


def test_what_limits_every_number_of_a_picture_is_said_once() -> None:
    reason = "people were not named"
    groups = [Group(by={"lane": name}, n=90, measures=(a_measured(Metric.OVERRIDE_RATE, 90, reason=reason),)) for name in ("auto", "queue")]  # fmt: skip
    other = a_group({}, 90)
    baseline = a_baseline().model_copy(update={"groups": (other, *groups)})

    assert _section(baseline, "people").count(reason) == 1
    one = groups[0].model_copy(update={"measures": (a_measured(Metric.OVERRIDE_RATE, 90),)})
    differ = baseline.model_copy(update={"groups": (other, one, groups[1])})
    by_lane = _section(differ, "people").split("Override by lane")[-1]
    assert "All:" not in by_lane
    assert f"n = 90 of 107. {reason} 90 of 107" in by_lane


def test_every_tenth_of_confidence_stands_in_the_table_with_its_numbers() -> None:
    baseline = a_baseline()
    text = _section(baseline, "calibration")

    for group in baseline.groups:
        for one in group.calibration.bins if group.calibration else ():
            said = f"{one.low:.2f} to {one.high:.2f} {one.n_decisions:,} {one.n:,} {one.said:.3f}"
            assert f"{said} {reliability.bin_right(one)}" in text
    assert "0.092 0.012 to 0.040 confidence is not what it says" in text


def test_calibrations_that_have_no_room_are_counted() -> None:
    many = a_baseline_of_many_groups(500)
    n_calibrated = sum(group.calibration is not None for group in many.groups)

    text = _section(many, "calibration")

    assert f"{n_calibrated - MOST_CALIBRATIONS:,} more groups are in baseline.json." in text
    assert f"The numbers behind the pictures {MOST_CALIBRATIONS} groups" in text


def test_rows_outside_the_days_and_models_left_out_are_told() -> None:
    baseline = a_baseline()
    log = baseline.log.model_copy(update={"n_outside": 4_321, "n_models_left_out": 17})
    text = _read(baseline.model_copy(update={"log": log})).text

    assert "4,321 outside the days asked for" in text
    assert "17 models with fewer decisions are in no part of this baseline." in text


def test_a_number_that_is_said_of_no_group_is_one_line_and_no_table() -> None:
    baseline = a_baseline()
    groups = tuple(
        group.model_copy(update={"measures": tuple(a_refused(one.metric, reason="no lane at all") for one in group.measures)})
        if "lane" in group.by else group
        for group in baseline.groups
    )  # fmt: skip
    page = render_baseline(baseline.model_copy(update={"groups": groups}))

    assert "<h3>Override by lane</h3>" not in page
    assert '<span class="no">not said</span> Override by lane: no lane at all' in page


def test_what_limits_every_number_of_a_section_is_said_once() -> None:
    baseline = a_baseline()
    whole = baseline.groups[0]
    limited = tuple(
        one.model_copy(update={"reason": "half the rows lack it"}) for one in whole.measures
    )
    groups = (whole.model_copy(update={"measures": limited}), *baseline.groups[1:])
    page = render_baseline(baseline.model_copy(update={"groups": groups}))
    section = page[page.index('id="people"') : page.index("<h3>Override by")]

    assert section.count("half the rows lack it") == 1
    assert "intervals. All: half the rows lack it." in section


def test_what_stands_out_in_the_rows_is_before_the_targets_and_escaped() -> None:
    baseline = a_baseline()
    log = baseline.log.model_copy(
        update={"notes": ("no decision on 2 of 4 days", "<script>x</script>")}
    )
    page = render_baseline(baseline.model_copy(update={"log": log}))
    before = page[: page.index('id="targets"')]

    assert "What stands out in the rows" in before
    assert "no decision on 2 of 4 days" in before
    assert "<script>x" not in page
