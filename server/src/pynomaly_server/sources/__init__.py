"""Data sources that lie elsewhere: checked when a job is submitted, fetched when it runs.

The submission asks the guard, so that a forbidden address is refused at once; the worker asks it again.
"""
