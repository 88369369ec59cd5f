"""What a release would forecast of its reviewers, before a log is read."""

from hitl.manifest.release import ReleaseManifest


def forecast_plan(manifest: ReleaseManifest) -> str:
    """Say in one sentence what would be forecast, or why nothing would be."""
    source = manifest.baseline
    if source is None:
        return "No forecast of what reviewers would face: the release names no `baseline`"
    if manifest.policy is None:
        return "No forecast of what reviewers would face: the release names no `policy`, and without one nobody knows where decisions would go"
    words = [source.decisions] if isinstance(source.decisions, str) else list(source.decisions)
    model = source.model or manifest.previous_model.id
    return (
        f"What reviewers would face is forecast on the decisions of {model} in {', '.join(words)}; "
        f"a decision's type is {_place(manifest.decision_fields.action_type, 'action_type')}, "
        f"its confidence {_place(manifest.decision_fields.confidence, 'confidence')}"
        + ("" if manifest.recalibration else "; no recalibration is named, so thresholds stay")
    )


def _place(path: str | None, field: str) -> str:
    own = f"the reply's `{field}`"
    return own if path is None else f"{own}, else `{path}` of its JSON"
