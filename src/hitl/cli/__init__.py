"""The command line: parse, load, one stage call, render, return the exit code."""
