"""A subset is one hypothesis, whatever authorities it has."""

from tests.builders import a_golden_set, a_manifest, a_reply, judged, some_cases


def test_a_second_authority_does_not_weaken_the_first() -> None:
    # 4 lost of 200, none gained: one-sided mid-p 1/32. Twice that would be no proof at 5 %.
    cases = some_cases(200)
    previous = [a_reply(case.id) for case in cases]
    candidate = [a_reply(case.id, passed=number >= 4) for number, case in enumerate(cases)]
    block = {"subset": "main", "authority": "block", "margin": 0.02}
    trigger = {"subset": "main", "authority": "rollback_trigger", "margin": 0.02}

    alone = judged(
        a_golden_set({"main": cases}), previous, candidate, a_manifest([block], stage="canary")
    )
    both = judged(
        a_golden_set({"main": cases}),
        previous,
        candidate,
        a_manifest([block, trigger], stage="canary"),
    )

    assert (alone.verdict, both.verdict) == ("revert", "revert")
    assert {gate.p_worse for gate in both.judgement.gates} == {1 / 32}
