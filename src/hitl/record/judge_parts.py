"""The parts of a release record that tell of judges and of the cascade."""

from hitl.record.parts import Figure, IntervalPart, Part


class JudgedArmPart(Part):
    """One arm's gradings by one rubric; replies that other rules settled are not among them."""

    n_asked: int
    """Replies that the judge was asked about."""
    n_graded: int
    n_unscored: int
    """Replies whose gradings gave no grade."""
    unscored: dict[str, int]
    """Answers without a grade, by reason."""
    mean: IntervalPart
    """Mean grade over cases; without limits where the cases are too few."""
    spread: Figure | None
    """Standard deviation between gradings of the same reply, over all replies; None without repeats."""
    n_met: int
    """Graded replies at or above the limit of their rule."""
    share_met: Figure | None


class JudgedPairsPart(Part):
    """Comparisons by one rubric, the candidate against the previous arm."""

    n_pairs: int
    n_asked: int
    """Pairs that the judge was asked about; the others were settled without it."""
    wins: int
    """Pairs that the candidate won."""
    losses: int
    ties: int
    n_unscored: int
    unscored: dict[str, int]
    """Comparisons without a result, by reason."""
    n_compared: int
    """Comparisons with an answer in both orders, repeats counted."""
    n_flips: int
    """Those whose answer changes with the order; they count as ties."""
    flip_rate: Figure | None
    first_share: Figure | None
    """Share of the answers preferring either reply that prefer the first."""
    first_p_value: Figure | None
    """Two-sided: whether flips lean to one place."""


class JudgePart(Part):
    """One rubric put to one judge: who it is, what it may do, and what it found."""

    rubric: str
    pairwise: bool
    judge_id: str
    """SHA-256 of rubric, model, parameters, prompt and parser."""
    model: str
    resolved: tuple[str, ...]
    """Identities that its answers name, sorted."""
    family: str
    same_family: tuple[str, ...]
    """Arms that are of the judge's own family."""
    certificate: str
    """valid, or not_valid."""
    problems: tuple[str, ...]
    """What the certificate lacks."""
    counts_in: tuple[str, ...]
    """Subsets in which its findings count."""
    signal_in: tuple[str, ...]
    """Subsets in which they are shown and settle nothing."""
    previous: JudgedArmPart | None
    """None for comparisons."""
    candidate: JudgedArmPart | None
    difference: IntervalPart | None
    """Candidate minus previous, over cases that have a grade in both arms."""
    pairs: JudgedPairsPart | None
    """None for grades."""
    n_calls: int
    n_redacted: int = 0
    """Pieces of personal data and keys taken out of the texts of its requests; a text counts in each request."""
    cost_usd: Figure | None
    """None: unknown."""


class CorrectionPart(Part):
    """The difference of a judged subset, corrected by what people said of a random part of its replies."""

    subset: str
    judged: Figure | None
    """Candidate minus previous pass rate by the judge alone, over the cases that needed it."""
    estimate: Figure | None
    """The same, corrected."""
    low: Figure | None
    high: Figure | None
    decision_low: Figure | None
    """Lower limit that alone holds at the release's confidence: what a margin is held against."""
    confidence: Figure
    method: str
    tuning: Figure | None
    """Weight of the judge's grades, 0 (labels alone) to 1."""
    n_labelled: int
    """Clusters with labels in both arms."""
    n_unlabelled: int
    n_left_out: int
    """Cases with a reply that is missing or that the judge left unscored."""
    n_unused: int
    """Labels that could not be used."""
    reason: str
    """Why there are no limits; empty where there are."""


class LayerPart(Part):
    """One layer of the cascade: rules, judge, person."""

    name: str
    n_asked: int
    """Replies of both arms; for people, those that somebody would have to look at."""
    n_settled: int
    n_left: int
    cost_low_usd: Figure | None
    """None: unknown."""
    cost_high_usd: Figure | None
