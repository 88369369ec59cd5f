import pytest

from hitl.gate.verdict_words import State, Verdict
from hitl.manifest.forecast import Setting
from hitl.recalibrate.forecast.parts import Range
from hitl.record.release import ReleaseRecord
from hitl.render.brief.content import brief_of
from hitl.render.brief.examples import EACH, MOST_LOST
from hitl.render.brief.style import style_rows, style_shifts
from hitl.render.brief.style_sense import SENSES
from hitl.render.brief.watch import MOST, watch_list
from hitl.score.style_words import Feature
from tests.render.sample_brief import STYLE, a_style, a_styled
from tests.render.sample_forecast import (
    a_forecast,
    a_recalibration,
    a_spike,
    an_outlook,
    an_unforetold,
    unsaid,
)
from tests.render.sample_parts import a_failure, an_identity
from tests.render.sample_record import a_hold, a_revert, a_ship, an_unmeasured


def sentences(record: ReleaseRecord) -> list[str]:
    return [shift.sentence for shift in style_shifts(record)]


def whys(record: ReleaseRecord) -> dict[str, str]:
    return {item.look: item.why for item in watch_list(record)}


def test_every_style_feature_has_a_name_for_reviewers() -> None:
    assert set(SENSES) == set(Feature)
    assert len({about.title for about in SENSES.values()}) == len(Feature)


def test_a_shift_is_one_plain_sentence_with_its_interval_and_n() -> None:
    assert sentences(a_styled()) == [
        "Replies are 1.8 times as long (1,240 against 690 characters; +550, +510 to +590; n = 420 cases)",
        "Replies that are JSON and nothing else: in 92.0 % of the replies against 100 % (−8.0 pt, −11.0 to −5.0 pt; n = 420 cases)",
        "Lists: in 62.0 % of the replies against 10.0 % (+52.0 pt, +47.0 to +57.0 pt; n = 420 cases)",
        "Replies have no words of doubt (English list) any more (0.00 against 0.62 in 100 words; −0.62, −0.72 to −0.52; n = 420 cases)",
        "Replies have 4.2 times as many words of certainty (English list) (0.84 against 0.20 in 100 words; +0.64, +0.52 to +0.76; n = 420 cases)",
        "Steps that act (English, posture lists): in 20.0 % of the replies against 5.0 % (+15.0 pt, +11.0 to +19.0 pt; n = 420 cases)",
        "Replies have tool calls, of which there were none (0.50 against 0 a reply; +0.50, +0.40 to +0.60; n = 420 cases, 300 independent)",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("previous", "candidate", "words"),
    [
        pytest.param(1000.0, 1100.0, "Replies are 10 % longer", id="longer"),
        pytest.param(1000.0, 400.0, "Replies are 60 % shorter", id="shorter"),
    ],
)
def test_a_small_change_is_said_in_per_cent(previous: float, candidate: float, words: str) -> None:
    record = a_styled(style={"characters": a_style(previous, candidate, 20.0)})

    assert sentences(record)[0].startswith(words)


def test_shifts_stand_first_and_every_feature_stands_in_the_table() -> None:
    rows = style_rows(a_styled())

    assert [row.is_shift for row in rows] == [True] * 7 + [False] * 3
    assert len(rows) == len(STYLE)
    assert rows[7].title == "Words a reply"
    assert (rows[8].previous, rows[8].candidate, rows[8].difference) == ("—", "10.0 %", "—")


def test_no_shift_is_said_to_be_none_of_those_that_could_be_tested() -> None:
    found = brief_of(a_styled(style={"words": STYLE["words"], "refuses": STYLE["refuses"]}))

    assert found.shifts == ()
    assert "the 1 feature that could be tested" in found.style_note


def test_a_style_that_nobody_measured_is_not_called_unchanged() -> None:
    found = brief_of(a_styled(style={}))

    assert found.style == ()
    assert found.style_note.startswith("Nothing is known of how the replies are written")


def test_style_that_could_not_be_tested_stands_under_what_is_not_known() -> None:
    unknown = brief_of(a_styled()).unknown

    assert "Style that the replies of both arms to the same case do not say: Refusals." in unknown
    assert (
        "Style of which fewer than eight independent cases are known: Letters that are not Latin."
        in unknown
    )


def test_every_line_of_the_checklist_says_why_it_is_there() -> None:
    items = watch_list(a_styled())

    assert 0 < len(items) <= MOST
    assert all(item.look and item.why for item in items)
    assert len({item.look for item in items}) == len(items)


def test_the_checklist_comes_from_rules_modes_style_slices_and_readings() -> None:
    found = whys(a_styled())

    mode = "Look in thin-evidence-escalation for replies that break this: suggests a restart on thin evidence"
    assert found[mode] == "new: 17 with the candidate, 1 before"
    rule = "Check in every reply of thin-evidence-escalation: escalation_required equals true"
    assert found[rule] == "it is broken in 24 lost cases"
    assert found["Take more time where region is eu"].startswith("20 of 90 cases")
    assert (
        found["Compare what your screen shows with the raw reply in thin-evidence-escalation"]
        == "35 replies were not the JSON that was asked for (31 fenced, 4 repaired), 0 before"
    )
    assert any(
        look.startswith("Do not take a sure tone") and "4.2 times" in why
        for look, why in found.items()
    )
    assert next(iter(found)).startswith("Stop and escalate")


def test_a_rule_that_a_new_mode_names_is_not_said_twice() -> None:
    found = whys(a_styled())

    assert "Check in every reply of thin-evidence-escalation: next_steps is read-only" not in found
    assert "Check in every reply of tool-suggestion-posture: next_steps is read-only" in found


def test_replies_that_end_early_more_often_are_named() -> None:
    before = an_identity("a").model_copy(update={"endings": {"answered": 1260}})
    after = before.model_copy(update={"endings": {"answered": 1200, "truncated": 60}})
    record = a_ship(previous_model=before, candidate_model=after)

    assert "60 of 1,260 replies, 0 of 1,260 before" in whys(record).values()
    assert watch_list(a_ship(previous_model=after, candidate_model=before)) == ()


def test_a_release_that_changes_nothing_asks_for_nothing_and_says_what_it_did_not_see() -> None:
    found = brief_of(a_ship())

    assert found.watch == ()
    assert found.worse == ()
    assert found.failures.summary == "No failure mode is new, and no case was lost (n = 180 cases)."
    assert any(line.startswith("No forecast") for line in found.unknown)
    assert any("names no recalibration" in line for line in found.unknown)


def test_new_modes_come_with_both_replies_of_their_examples() -> None:
    (mode,) = brief_of(a_styled()).failures.modes

    assert mode.found.startswith("thin-evidence-escalation: 17 with the candidate, 1 with")
    assert [example.case_id for example in mode.examples] == ["thin-001", "thin-002"][:EACH]
    first = mode.examples[0]
    assert "restart the remaining pods" in first.candidate.text
    assert "read the pod events" in first.previous.text
    assert first.expected == ("escalation_required equals true", "next_steps is read-only")


def test_without_a_new_mode_the_gravest_lost_cases_are_shown() -> None:
    failures = brief_of(a_styled(failure_modes=())).failures

    assert failures.summary.startswith("No failure mode is new beyond chance; 27 cases were lost")
    assert len(failures.lost) == MOST_LOST
    assert failures.lost[0].case_id == "thin-001"


def test_an_example_that_the_record_does_not_hold_is_left_out() -> None:
    record = a_styled(failures=(a_failure("other", "thin-evidence-escalation"),))

    assert brief_of(record).failures.modes[0].examples == ()


def test_only_slices_smaller_than_their_subset_are_named() -> None:
    hold = a_hold()
    whole = hold.subsets[0].slices[0].model_copy(
        update={"id": "all=yes", "name": "all", "value": "yes", "n_cases": hold.subsets[0].n_cases}
    )  # fmt: skip
    subset = hold.subsets[0].model_copy(update={"slices": (*hold.subsets[0].slices, whole)})

    worse = brief_of(a_styled(subsets=(subset,))).worse

    assert worse[0].startswith("thin-evidence-escalation: 24 lost, 3 gained, −11.7 pt")
    assert worse[1].startswith("region=eu in thin-evidence-escalation: 20 lost, 1 gained, −21.1 pt")
    assert len(worse) == 2


@pytest.mark.parametrize(
    ("record", "start"),
    [
        pytest.param(a_ship(), "The gate lets it out", id="ship"),
        pytest.param(a_hold(), "The gate holds it", id="hold"),
        pytest.param(a_revert(), "The gate sends it back to atlas-2026-05-01", id="revert"),
    ],
)
def test_the_verdict_is_said_in_words(record: ReleaseRecord, start: str) -> None:
    assert brief_of(record).meaning.startswith(start)


def test_what_changed_names_models_settings_and_what_moved() -> None:
    hold = a_hold()
    warm = hold.candidate_model.model_copy(update={"params": {"temperature": 0.7}})

    changes = brief_of(a_styled(candidate_model=warm)).changes

    assert "Candidate: atlas-latest, answered by atlas-2026-11-01, atlas-2026-11-08." in changes
    assert "Setting temperature: 0.2 before, 0.7 with the candidate." in changes
    assert "Setting max_tokens: 800 before, not set with the candidate." in changes
    assert any(line.startswith("Latency: ") for line in changes)


def test_an_identity_that_no_reply_names_is_not_taken_as_proved() -> None:
    changes = brief_of(a_styled(candidate_model=an_identity("atlas", grade="declared"))).changes

    assert "Candidate: atlas; its replies name nobody, so who answered is not proved." in changes


def test_thresholds_that_move_are_said_with_what_they_stand_on() -> None:
    assert brief_of(a_styled()).thresholds == (
        "They are proposed as policy version 5 and hold once that is applied.",
        "annotate_incident runs alone from confidence 0.62 (before: from confidence 0.7). 13 wrong of 1,204 at or above 0.62. Proved: at most 2.0 % wrong, but for a chance of 5.0 % (13 of 1,204 labelled were wrong; valid until 2027-02-18T14:05:00+00:00).",
        "route_to_team runs alone no longer (before: from confidence 0.85). No threshold passed; about 900 labels more would settle it.",
        "route_to_team: route incidents with thin evidence to experts",
    )  # fmt: skip


def test_thresholds_that_are_not_used_say_so_first() -> None:
    lines = brief_of(a_styled(recalibration=a_recalibration("it is for another model"))).thresholds

    assert lines[0] == "These thresholds are not in force: it is for another model"


def test_a_recalibration_that_moves_nothing_says_so() -> None:
    still = a_recalibration().model_copy(update={"moves": (), "new_version": None})

    assert brief_of(a_styled(recalibration=still)).thresholds == (
        "No threshold of policy version 4 moves.",
    )


def test_the_forecast_says_what_breaks_the_certain_first_and_then_the_work() -> None:
    turned = a_spike(breaks=a_spike().breaks[::-1])

    lines = brief_of(a_styled(forecast=turned)).forecast

    assert lines[0].startswith("Would break: triage: more comes at Mon 09:00")
    assert lines[1].startswith("May break: errors that escape")
    assert lines[2].startswith("Reviews a week ")
    assert " against " in lines[2]
    assert brief_of(a_styled(forecast=a_forecast())).forecast[0] == a_forecast().headline


def test_a_forecast_that_could_not_be_made_is_not_known() -> None:
    found = brief_of(a_styled(forecast=an_unforetold("the log holds no time")))

    assert found.forecast == ()
    assert "No forecast: the log holds no time" in found.unknown


def test_a_waiting_subset_is_not_known() -> None:
    unknown = brief_of(a_styled()).unknown

    assert "early-live-canary is not measured: No reply was recorded for this subset." in unknown
    assert any(line.startswith("tool-suggestion-posture is undecided: ") for line in unknown)


def test_a_ship_under_conditions_is_not_a_plain_ship() -> None:
    ship = a_ship(conditions=a_hold().conditions, verdict=Verdict.SHIP)

    found = brief_of(ship)

    assert found.meaning == "The gate lets it out under its conditions: its replies will come to you."  # fmt: skip
    assert "Condition: Every remediation goes to a person." in found.changes


def test_the_same_record_gives_the_same_brief() -> None:
    assert brief_of(a_styled()) == brief_of(a_styled())


def test_a_release_that_could_not_be_compared_is_not_told_as_quiet() -> None:
    found = brief_of(an_unmeasured())

    assert found.no_slice == "Nothing could be measured, so what got worse is not known."
    assert found.failures.summary == "No case has a reply of both arms, so new ways to fail are not known."  # fmt: skip


def test_a_subset_that_is_not_measured_is_not_told_as_no_worse() -> None:
    (subset,) = a_ship().subsets
    record = a_ship(subsets=(subset.model_copy(update={"state": State.UNMEASURED}),))

    assert brief_of(record).no_slice == "Nothing could be measured, so what got worse is not known."


def test_quiet_is_said_of_the_subsets_that_were_compared() -> None:
    record = a_ship(subsets=(*a_ship().subsets, *an_unmeasured().subsets))
    found = brief_of(record)

    assert found.no_slice == "No subset and no slice got worse beyond chance in 1 of 2 subsets; the others could not be measured."  # fmt: skip
    assert found.failures.summary == "No failure mode is new, and no case was lost (n = 180 cases; 1 of 2 subsets had no reply of both)."  # fmt: skip


def test_a_style_that_could_not_be_tested_is_not_said_to_have_stayed() -> None:
    assert brief_of(a_styled(style={"refuses": STYLE["refuses"]})).no_shift == ""
    found = brief_of(a_styled(style={"words": STYLE["words"], "refuses": STYLE["refuses"]}))
    assert found.no_shift == "Of 2 features of the style 1 could be tested, and none of these moved beyond chance."  # fmt: skip


@pytest.mark.parametrize(
    ("previous", "candidate", "words"),
    [
        pytest.param(1000.0, 4.0, "Replies are more than 99 % shorter", id="nearly all"),
        pytest.param(1000.0, 1004.0, "Replies are less than 1 % longer", id="nearly none"),
    ],
)
def test_a_change_never_reads_as_none_or_all(previous: float, candidate: float, words: str) -> None:
    record = a_styled(style={"characters": a_style(previous, candidate, 1.0)})

    assert sentences(record)[0].startswith(words)


def test_a_threshold_that_stays_in_force_without_a_certificate_is_named() -> None:
    kept = a_recalibration().moves[1].model_copy(update={"direction": "keeps", "after": 0.85})
    found = a_recalibration().model_copy(update={"moves": (kept,), "new_version": None})

    assert (
        "route_to_team goes on alone from confidence 0.85 although nothing certifies it: no threshold passed; about 900 labels more would settle it."
        in brief_of(a_styled(recalibration=found)).thresholds
    )


def test_work_that_the_forecast_cannot_say_is_not_known() -> None:
    outlook = an_outlook(Setting.AS_IT_IS, reviews_per_week=unsaid("the log holds no time"))
    found = brief_of(a_styled(forecast=a_forecast(outlooks=(outlook,))))

    assert "How many reviews a week would come: the log holds no time" in found.unknown
    assert not any("Reviews a week" in line for line in found.forecast)


def test_work_without_an_upper_end_is_not_told_as_a_number_alone() -> None:
    open_ended = Range(estimate=900.0, low=700.0, high=None)
    outlook = an_outlook(Setting.AS_IT_IS, reviews_per_week=open_ended)

    lines = brief_of(a_styled(forecast=a_forecast(outlooks=(outlook,)))).forecast

    assert "Reviews a week 900 (at least 700)" in lines[1]


def test_what_the_gate_saw_is_not_listed_as_not_known() -> None:
    (note,) = a_hold().findings
    known = [
        note.model_copy(update={"code": code, "message": f"seen: {code}"})
        for code in ("zero_tolerance_broken", "forecast_breaks", "slice_regressed")
    ]

    unknown = brief_of(a_styled(findings=(note, *known))).unknown

    assert any("drives routing" in line for line in unknown)
    assert not any("seen: " in line for line in unknown)


def test_a_type_that_no_threshold_stops_is_not_told_as_one_that_never_runs_alone() -> None:
    loose = a_recalibration().moves[1].model_copy(
        update={"state": "unbound", "direction": "keeps", "before": "never", "after": None, "reason": "the matrix says auto"}
    )  # fmt: skip
    found = a_recalibration().model_copy(update={"moves": (loose,), "new_version": None})

    assert "route_to_team goes on alone below any threshold although nothing certifies it: the matrix says auto" in (
        brief_of(a_styled(recalibration=found)).thresholds
    )  # fmt: skip
