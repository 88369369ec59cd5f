"""For how long a judge's certificate counts; loads nothing, so that the command line can say it."""

VALID_DAYS = 90
"""Days for which a certificate counts, unless it says otherwise."""
LONGEST_DAYS = 366
"""Most days for which one can count."""
