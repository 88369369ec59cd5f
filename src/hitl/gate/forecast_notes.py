"""What a reader should know of the forecast beside the verdict; it changes no verdict."""

from collections.abc import Iterator

from hitl.gate.notes import NoteResult
from hitl.manifest.forecast import Setting
from hitl.manifest.release import ReleaseManifest
from hitl.recalibrate.forecast.parts import Forecast


def forecast_notes(manifest: ReleaseManifest, forecast: Forecast | None) -> Iterator[NoteResult]:
    """Yield what the forecast would break, what it could not say, and why."""
    if manifest.baseline is None:
        return
    if forecast is None:
        yield _unmeasured("the baseline was not read")
    elif forecast.unmeasured:
        yield _unmeasured(forecast.unmeasured)
    else:
        yield from _said(manifest, forecast)


def _said(manifest: ReleaseManifest, forecast: Forecast) -> Iterator[NoteResult]:
    under = {outlook.setting: outlook.reason for outlook in forecast.outlooks}
    if reason := under.get(Setting.AS_IT_IS, "it has no outlook under the policy as it is"):
        yield _unmeasured(reason)
    elif any(one.setting is Setting.AS_IT_IS for one in forecast.breaks):
        yield NoteResult("forecast_breaks", None, forecast.headline)
    if manifest.recalibration is not None and (reason := under.get(Setting.RECALIBRATED, "")):
        message = f"the recalibration {manifest.recalibration} is not used: {reason}"
        yield NoteResult("recalibration_unused", None, message)


def _unmeasured(reason: str) -> NoteResult:
    message = f"what reviewers would face is not known: {reason}"
    return NoteResult("forecast_unmeasured", None, message)
