"""Golden sets: versioned cases in behaviour-class subsets, with what must hold for every reply."""
