"""Recalibration: autonomy thresholds with a guarantee, and what they would mean for the people who review."""
