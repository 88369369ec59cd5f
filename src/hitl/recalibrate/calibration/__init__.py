"""What a model's confidence means, and how it can be repaired."""

from hitl.recalibrate.calibration.measure import calibration_notes as calibration_notes
from hitl.recalibrate.calibration.measure import calibrations as calibrations
from hitl.recalibrate.calibration.proposal import ProposedCalibrator as ProposedCalibrator
from hitl.recalibrate.calibration.proposal import calibrator_bytes as calibrator_bytes
from hitl.recalibrate.calibration.proposal import calibrator_document as calibrator_document
