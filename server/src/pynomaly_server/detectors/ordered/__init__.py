"""Detectors on ordered rows: a point's score depends on its neighbours in time.

Start at `interface.py`; `windows.py` turns any detector of rows into one over sliding windows.
"""
