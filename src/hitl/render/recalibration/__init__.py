"""The views of a recalibration."""
