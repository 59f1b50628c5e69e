"""What the methods that look at one column at a time share.

Distances from the middle of each column, and the tails of its empirical distribution.
"""
