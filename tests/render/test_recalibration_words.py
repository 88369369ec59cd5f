import pytest

from hitl.recalibrate.parts import Figure, ScoreCalibration, Threshold, TypeResult
from hitl.recalibrate.words import Direction, ErrorsBy, State
from hitl.render.recalibration import calibration_words as scores
from hitl.render.recalibration import words
from hitl.render.recalibration.diff import Kind, diff_lines
from tests.render.sample_recalibration import (
    HOSTILE_DIFF,
    a_calibration,
    a_point,
    a_recalibration,
    a_simulation,
    a_type,
    an_empty_recalibration,
)

GAINS = a_type()
LOSES = a_type("route", auto=0.8, proposed=0.93, direction=Direction.LOSES)
SHUT = a_type("hold", State.UNCERTIFIED, 0.9, "never", Direction.LOSES)
BARE = a_type("kept", State.UNCERTIFIED, 0.9, 0.9, Direction.KEEPS)
KEEPS = a_type("same", auto=0.85, proposed=0.85, direction=Direction.KEEPS)
CLOSED = a_type("wipe", State.CLOSED, None, None, Direction.NONE)


def test_the_headline_counts_every_action_type_once_and_names_it() -> None:
    said = words.headline(a_recalibration(GAINS, LOSES, SHUT, BARE, KEEPS, CLOSED))

    assert said == (
        "Of 6 action types, 1 may gain autonomy (annotate_incident); 1 loses some (route); 1 loses all of it (hold);"
        " 1 keeps a threshold that nothing certifies (kept); 1 keeps its threshold (same);"
        " 1 has no autonomy, before or after (wipe)."
    )


def test_the_headline_names_three_and_counts_the_rest() -> None:
    types = [SHUT.model_copy(update={"action_type": f"t{place}"}) for place in range(5)]

    assert words.headline(a_recalibration(*types)) == "Of 5 action types, 5 lose all of it (t0, t1, t2 and 2 more)."  # fmt: skip


def test_a_policy_without_action_types_has_nothing_to_recalibrate() -> None:
    nothing = an_empty_recalibration().model_copy(update={"types": ()})

    assert "nothing to recalibrate" in words.headline(nothing)


def test_a_gain_is_told_with_threshold_share_error_limit_and_counts() -> None:
    point = a_point(0.78)

    assert words.lead(GAINS) == (
        "annotate_incident may gain autonomy: auto 0.85 → 0.78, 42.4 → 55.4 % of what could run alone does,"
        f" error 0.9 %, at most 1.9 % ({point.k} of {point.n:,} wrong)."
    )


def test_a_type_that_loses_everything_says_why_what_is_known_and_what_would_settle_it() -> None:
    said = words.lead(SHUT)

    assert said.startswith("hold loses its autonomy, because no threshold is certified: from a confidence of 0.96")  # fmt: skip
    assert "at 0.90 the error is 0.6 %, at most 1.0 %" in said
    assert said.count("1,912") == 1


def test_labels_that_are_needed_are_told_where_the_reason_does_not_tell_them() -> None:
    silent = SHUT.model_copy(update={"reason": "errors were seen"})

    assert "about 1,912 labelled decisions would settle it" in words.lead(silent)
    assert words.reasons([silent]) == [(silent, "Errors were seen. About 1,912 labelled decisions would settle it, if errors stay as frequent as seen.")]  # fmt: skip


def test_a_threshold_that_is_kept_without_a_certificate_never_reads_like_a_certified_one() -> None:
    assert words.tone(BARE) == "fail"
    assert words.tone(KEEPS) == "pass"
    assert words.direction(BARE) != words.direction(KEEPS)
    assert words.shape(BARE) != words.shape(KEEPS)
    assert "although nothing certifies it" in words.lead(BARE)


def test_every_direction_has_a_shape_and_words_of_its_own() -> None:
    kinds = (GAINS, LOSES, SHUT, BARE, KEEPS, CLOSED)

    assert len({words.shape(one) for one in kinds}) == len(kinds)
    assert len({words.direction(one) for one in kinds}) == len(kinds)
    assert all(words.lead(one).endswith(".") for one in kinds)


@pytest.mark.parametrize(
    ("auto", "proposed", "says"),
    [
        pytest.param(0.85, 0.78, "0.85 → 0.78", id="moves"),
        pytest.param(0.85, 0.85, "0.85", id="stays"),
        pytest.param(0.9, "never", "0.90 → never", id="shuts"),
        pytest.param("never", 0.9312, "never → 0.9312", id="opens"),
        pytest.param(0.9, None, "0.90", id="nothing proposed"),
        pytest.param(None, None, "—", id="none"),
    ],
)
def test_a_threshold_is_written_before_and_after(
    auto: Threshold | None, proposed: Threshold | None, says: str
) -> None:
    assert words.moves(GAINS.model_copy(update={"auto": auto, "proposed": proposed})) == says


def test_nothing_runs_alone_where_never_is_proposed_and_what_the_curve_lacks_is_not_made_up() -> (
    None
):
    before, after = words.alone(SHUT)
    off_grid = GAINS.model_copy(update={"auto": 0.8512})

    assert before == a_point(0.9).coverage
    assert after == 0.0
    assert words.alone(off_grid)[0] is None
    assert words.hours(SHUT)[1] is None
    assert words.escalated(SHUT) == (a_point(0.9).escalation, 1.0)
    assert words.alone(CLOSED) == (None, None)


def test_a_threshold_between_two_ten_thousandths_is_the_upper_one() -> None:
    curve = (a_point(0.8513), a_point(0.8512))
    between = GAINS.model_copy(update={"auto": 0.85123, "curve": curve})

    assert words.in_force(between) is curve[0]
    assert words.in_force(between.model_copy(update={"auto": 0.8512})) is curve[1]
    assert words.in_force(between.model_copy(update={"auto": 0.8511})) is None


def test_a_kept_threshold_may_come_without_a_proposal() -> None:
    kept = BARE.model_copy(update={"proposed": None})

    assert words.is_bare(kept)
    assert words.lead(kept).startswith("kept keeps 0.90 although nothing certifies it")
    assert words.alone(kept) == (a_point(0.9).coverage, a_point(0.9).coverage)


def test_a_type_without_thresholds_may_be_told_what_could_be_certified() -> None:
    idle = GAINS.model_copy(update={"auto": None, "proposed": None, "direction": Direction.NONE})

    assert words.lead(idle) == "annotate_incident has no thresholds in the policy, though 0.78 could be certified: error 0.9 %, at most 1.9 %."  # fmt: skip


def test_an_error_without_a_certificate_or_labels_is_a_dash() -> None:
    assert words.error_at_new(SHUT) == "—"
    assert words.error_now(CLOSED) == "—"
    assert words.error_now(SHUT.model_copy(update={"current_error_high": None})) == "0.6 %"


def test_the_promise_names_target_confidence_and_who_shares_it() -> None:
    alone = a_recalibration()

    assert words.promise(alone) == "At most 2 % of the decisions that run alone are wrong, with 95 % confidence for each action type by itself, in each recalibration"  # fmt: skip
    assert "all action types together" in words.promise(alone.model_copy(update={"is_family": True}))  # fmt: skip


@pytest.mark.parametrize("errors_by", list(ErrorsBy))
def test_what_is_assumed_of_labels_depends_on_what_counts_as_an_error(errors_by: ErrorsBy) -> None:
    said = " ".join(words.assumptions(a_recalibration().model_copy(update={"errors_by": errors_by})))  # fmt: skip

    assert "Tomorrow looks like this log" in said
    assert ("The labels are right" in said) is (errors_by is ErrorsBy.CORRECT)
    assert ("changed or rejected was wrong" in said) is (errors_by is ErrorsBy.OVERRIDE)


def test_a_model_that_says_the_same_of_everything_is_called_out() -> None:
    constant = a_calibration("hold", constant=True)

    assert (
        "says the same of nearly everything (97.0 % of it): the model says 0.90 of 3,861"
        in scores.finding(constant)
    )
    assert scores.tone(constant) == "fail"


def test_confidence_that_tells_nothing_is_called_out() -> None:
    blind = a_calibration().model_copy(
        update={"is_uninformative": True, "auc": Figure(value=0.51, low=0.47, high=0.55, n=900)}
    )

    assert "not seen to tell right from wrong (AUC 0.510, 0.470 to 0.550): no threshold can stand on it." in scores.finding(blind)  # fmt: skip
    assert scores.tone(blind) == "fail"


def test_too_few_labels_to_see_anything_is_no_fault_of_the_model() -> None:
    few = a_calibration().model_copy(update={"is_uninformative": True, "auc": None, "fits": (), "reason": "3 right and 0 wrong labels"})  # fmt: skip

    assert scores.finding(few).endswith("cannot be said: 3 right and 0 wrong labels.")
    assert scores.tone(few) == "unmeasured"
    wide = few.model_copy(update={"auc": Figure(value=0.38, low=0.19, high=0.62, n=25)})
    assert scores.tone(wide) == "unmeasured"


@pytest.mark.parametrize(
    ("found", "says", "tone"),
    [
        pytest.param(a_calibration(), "0.041, by chance alone 0.006 to 0.014: confidence is not what it says; high and low values lie further apart than the results (slope 0.710). Temperature brings it to 0.009", "undecided", id="off"),
        pytest.param(a_calibration().model_copy(update={"slope": None, "recommended": None}), "confidence is not what it says.", "undecided", id="off, nothing helps"),
        pytest.param(a_calibration().model_copy(update={"fits": (), "reason": "31 labels"}), "cannot be said: 31 labels.", "unmeasured", id="not judged"),
    ],
)  # fmt: skip
def test_calibration_stands_beside_chance(found: ScoreCalibration, says: str, tone: str) -> None:
    assert says in scores.finding(found)
    assert scores.tone(found) == tone


def test_an_error_within_chance_is_no_fault() -> None:
    raw = a_calibration().fits[0]
    fine = a_calibration().model_copy(
        update={"fits": (raw.model_copy(update={"error": Figure(value=0.01, low=0.006, high=0.014, n=9)}),), "recommended": None}
    )  # fmt: skip

    assert scores.finding(fine).endswith("no sign that confidence is not what it says.")
    assert scores.tone(fine) == "pass"


def test_a_rule_breaks_its_promise_only_where_chance_is_ruled_out() -> None:
    fixed, _, naive = a_simulation().lines

    assert not scores.is_broken(fixed, 0.05)
    assert scores.is_broken(naive, 0.05)
    assert scores.broken(naive) == "55.0 % (53.0 to 58.0 %)"


def test_a_diff_is_told_line_by_line_and_nothing_unseen_is_left_in_it() -> None:
    lines = diff_lines("--- a\n+++ b\n@@ -1,2 +1,2 @@\n--- no head\n+++ nor this\n same\n")

    assert [line.kind for line in lines] == [
        Kind.HEAD, Kind.HEAD, Kind.PLACE, Kind.REMOVED, Kind.ADDED, Kind.SAME,
    ]  # fmt: skip
    hostile = diff_lines(HOSTILE_DIFF)
    assert hostile[2].text == "-x: ⟨U+001B⟩[31mred⟨U+202E⟩"
    assert len(hostile) == 4
    assert diff_lines("") == ()


@pytest.mark.parametrize("text", ["", "a.", "a!", "1 of 2"])
def test_a_reason_becomes_one_sentence(text: str) -> None:
    result: TypeResult = SHUT.model_copy(update={"reason": text, "labels_needed": None})

    assert words.reasons([result])[0][1] in {"", "A.", "A!", "1 of 2."}


@pytest.mark.parametrize("one", [SHUT, BARE], ids=["shut", "kept without a certificate"])
def test_where_nothing_is_certified_nothing_is_promised(one: TypeResult) -> None:
    said = words.promised(a_recalibration(one, CLOSED))

    assert said.startswith("Nothing is promised, because no threshold is certified.")
    assert "To be proved was: at most 2 %" in said


def test_a_promise_names_the_types_that_it_is_given_for_where_others_have_none() -> None:
    said = words.promised(a_recalibration(GAINS, LOSES, BARE, CLOSED))

    assert said.startswith("Promised only of annotate_incident, route: at most 2 %")
    assert words.promised(a_recalibration(GAINS, LOSES, CLOSED)).startswith("At most 2 %")


def test_a_slope_is_not_taken_for_too_much_confidence() -> None:
    found = a_calibration().model_copy(
        update={"slope": Figure(value=0.6, low=0.5, high=0.7, n=400)}
    )

    assert "further apart than the results (slope 0.600)" in scores.finding(found)
    assert "sure" not in scores.finding(found)


@pytest.mark.parametrize(
    "auc", [None, Figure(value=0.69, low=0.31, high=0.91, n=44)], ids=["no label", "few labels"]
)
def test_what_few_labels_cannot_show_is_not_told_as_a_finding(auc: Figure | None) -> None:
    found = a_calibration().model_copy(
        update={"is_uninformative": True, "auc": auc, "fits": (), "reason": "2 wrong labels"}
    )

    assert scores.finding(found).startswith(
        "Whether confidence tells right from wrong cannot be said"
    )
    assert scores.tone(found) == "unmeasured"
