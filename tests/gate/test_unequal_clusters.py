"""One large cluster is one piece of evidence, however many cases it holds."""

import numpy as np

from hitl.score.pairs import effective_clusters
from tests.builders import a_case, a_golden_set, a_manifest, a_reply, judged, some_cases


def test_one_large_cluster_that_passes_does_not_outvote_sixty_that_fail() -> None:
    large = some_cases(1000, prefix="big", cluster="one customer")
    small = some_cases(60, prefix="small")
    candidate = [a_reply(case.id) for case in large] + [
        a_reply(case.id, passed=False) for case in small
    ]
    previous = [a_reply(case.id) for case in (*large, *small)]
    manifest = a_manifest([{"subset": "main", "authority": "block", "floor": 0.5}])

    found = judged(a_golden_set({"main": [*large, *small]}), previous, candidate, manifest)

    assert found.verdict == "hold"


def test_clusters_of_one_size_count_as_many_as_they_are() -> None:
    assert effective_clusters(np.repeat(np.arange(20), 5)) == 20


def test_an_upper_limit_of_a_p95_in_one_cluster_is_not_measured() -> None:
    cases = [a_case(f"c{number}", cluster="one") for number in range(80)]
    replies = [a_reply(case.id, latency_ms=100.0) for case in cases]
    gate = {
        "subset": "main",
        "authority": "block",
        "metric": "latency_ms",
        "statistic": "p95",
        "max": 200,
    }

    found = judged(a_golden_set({"main": cases}), replies, replies, a_manifest([gate]))

    assert found.verdict == "hold"
    assert found.judgement.gates[0].state.value == "unmeasured"


def test_a_p95_of_ten_cases_proves_nothing_and_of_sixty_it_does() -> None:
    gate = {
        "subset": "main",
        "authority": "block",
        "metric": "latency_ms",
        "statistic": "p95",
        "max_ratio": 1.2,
    }
    states = {}
    for n in (10, 58, 59):
        cases = some_cases(n)
        replies = [a_reply(case.id, latency_ms=100.0) for case in cases]
        found = judged(a_golden_set({"main": cases}), replies, replies, a_manifest([gate]))
        states[n] = found.judgement.gates[0].state.value

    assert states == {10: "unmeasured", 58: "unmeasured", 59: "pass"}
