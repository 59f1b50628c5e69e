"""The tag `datasets`: tables that callers upload once and use in jobs.

The bytes go to object storage, what is known about them to the database.
"""
