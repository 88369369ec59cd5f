"""With repeats, a count rule counts what was lost in any of them."""

from tests.builders import a_golden_set, a_manifest, a_reply, judged, some_cases


def a_flaky_candidate(gate: dict[str, object]) -> str:
    cases = some_cases(80)
    previous = [a_reply(case.id, repeat=repeat) for case in cases for repeat in range(3)]
    candidate = [
        a_reply(case.id, passed=repeat != number % 3, repeat=repeat)
        for number, case in enumerate(cases)
        for repeat in range(3)
    ]
    manifest = a_manifest([{"subset": "main", "authority": "block", **gate}])
    return judged(a_golden_set({"main": cases}), previous, candidate, manifest).verdict


def test_a_candidate_that_loses_one_of_three_replies_everywhere_regresses() -> None:
    assert a_flaky_candidate({"max_regressions": 0}) == "hold"


def test_a_candidate_that_loses_one_of_three_replies_everywhere_fails() -> None:
    assert a_flaky_candidate({"max_failures": 0}) == "hold"


def test_failing_repeats_cannot_be_cut_out_of_a_file() -> None:
    cases = some_cases(80)
    previous = [a_reply(case.id, repeat=repeat) for case in cases for repeat in range(3)]
    chosen = [
        a_reply(case.id, repeat=repeat)
        for number, case in enumerate(cases)
        for repeat in range(3)
        if repeat != number % 3
    ]
    manifest = a_manifest([{"subset": "main", "authority": "block", "margin": 0.1}])

    assert judged(a_golden_set({"main": cases}), previous, chosen, manifest).verdict == "hold"


def test_a_required_subset_whose_only_rule_is_a_metric_keeps_the_default_margin() -> None:
    cases = some_cases(80)
    previous = [a_reply(case.id, latency_ms=10.0) for case in cases]
    candidate = [a_reply(case.id, passed=False, latency_ms=10.0) for case in cases]
    gate = {"subset": "main", "authority": "block", "metric": "latency_ms", "max": 100}

    assert (
        judged(a_golden_set({"main": cases}), previous, candidate, a_manifest([gate])).verdict
        == "hold"
    )
