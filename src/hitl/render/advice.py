"""What to do about a standing finding or a reason of the whole release, by its code."""

_ADVICE = {
    "unequal_settings": "make the parameters of both arms equal, or declare them under `differing_params`, and run again",
    "starved_arm": "run `hitl run --retry-errors` when the endpoint has room, or lower `requests_per_minute`, and gate again",
    "dropped_params": "leave the parameter out in both arms, or ask an endpoint that honours it",
    "refused_replies": "read them among the failed cases: a refusal is a reply, and is graded as one",
    "truncated_replies": "raise the bound on output tokens in both arms, or expect shorter replies",
    "empty_replies": "look at the endpoint's own log: an empty reply is graded, and asked for only once",
    "old_replies": "run with `--fresh` to ask again, or gate without `--reuse-old`",
    "recorded_settings_differ": "record both arms with equal parameters, or declare the difference under `differing_params`",
    "golden_set_changed": "run with `--fresh`, so that both arms answer the cases as they are now",
    "judge_missing": "name a model under `judge` in the release manifest, or take the judge rules out",
    "judge_same_family": "let a model of another family judge, or correct this one by people (`judge.labels`)",
    "judge_unnamed": "let its answers name the model that gave them (`resolved_model`)",
    "judge_without_authority": "label replies and write a certificate with `hitl golden judge-check`",
    "judge_uncorrected": "label a random part of the replies of both arms and name the file under `judge.labels`",
    "judge_unscored": "read its answers in the evidence; what has no grade is left for a person",
    "judge_order": "word the rubric so that it says when replies are equal, and check the judge again",
    "review_missing": "run `hitl review pack`, let people vote, and name the folder under `review` in the release manifest",
    "review_not_closed": "let those who are named finish and lock, then gate again",
    "ratings_of_other_models": "name the review of this release, or pack one",
    "ratings_not_blind": "pack anew with what tells the arms apart masked, or read the ratings knowing that raters may have known",
    "ratings_low_agreement": "settle with the raters what each action means, and pack the review anew",
    "ratings_partial": "pack the items anew for people who will rate them all",
    "ratings_stale": "pack the replies as they are now, and let people rate them",
    "ratings_undecided": "pack the items anew with more raters, or with an adjudicator",
    "ratings_missing": "pack a review that holds every reply of the subset, repeats too",
    "toothless_rule": "set a limit that something can fail",
}
"""`endpoint`, `retried_calls` and `judge_corrected` ask for nothing."""


def advice(code: str) -> str:
    """Return what to do about a finding; empty where its message says it, or nothing is to be done.

    >>> advice("toothless_rule"), advice("retried_calls")
    ('set a limit that something can fail', '')
    """
    return _ADVICE.get(code, "")
