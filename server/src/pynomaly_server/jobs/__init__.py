"""The tag `jobs`: work in the background, from its submission to its result.

The row in the database is the truth; `attempts` is how a worker changes it, `service` how a caller does.
"""
