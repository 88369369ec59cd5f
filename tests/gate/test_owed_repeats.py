"""An arm owes every case as many replies as it gave any: failing repeats cannot leave quietly."""

from tests.builders import a_golden_set, a_manifest, a_reply, judged, some_cases


def test_losing_the_failing_repeats_of_one_subset_does_not_ship() -> None:
    subsets = {"steady": some_cases(60, prefix="s"), "shaky": some_cases(60, prefix="t")}
    cases = [case for part in subsets.values() for case in part]
    previous = [a_reply(case.id, repeat=repeat) for case in cases for repeat in range(3)]
    candidate = [
        a_reply(case.id, passed=case.id.startswith("s") or repeat == 0, repeat=repeat)
        for case in cases
        for repeat in range(3)
    ]
    kept = [reply for reply in candidate if reply.case_id.startswith("s") or reply.repeat == 0]
    manifest = a_manifest(
        [{"subset": name, "authority": "block", "margin": 0.05} for name in subsets]
    )

    whole = judged(a_golden_set(subsets), previous, candidate, manifest)
    cut = judged(a_golden_set(subsets), previous, kept, manifest)

    assert (whole.verdict, cut.verdict) == ("hold", "hold")
