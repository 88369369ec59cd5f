"""Expectations compiled to checks: one module a family of rules."""
