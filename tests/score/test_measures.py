from itertools import permutations

from tests.builders import a_golden_set, a_manifest, a_reply, judged, some_cases


def test_the_order_of_subsets_changes_no_interval_of_a_measure() -> None:
    cases = some_cases(60)
    arms = [
        [
            a_reply(case.id, latency_ms=float(factor * (number % 17 + 1)))
            for number, case in enumerate(cases)
        ]
        for factor in (100, 120)
    ]
    manifest = a_manifest([{"subset": "one", "authority": "block"}])

    found = [
        judged(a_golden_set(dict(parts)), *arms, manifest).scored.comparisons[None, "latency_ms"]
        for parts in permutations([("one", cases[:35]), ("two", cases[35:])])
    ]

    assert found[0] == found[1]
