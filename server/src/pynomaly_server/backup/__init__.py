"""Backups: everything that a server keeps in one file, and a server made of such a file.

`archive` is the file, `rows` what it holds of the database, `service` takes and restores backups.
"""
