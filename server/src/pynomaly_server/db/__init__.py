"""The database: tables, engines and sessions, and the migrations that make the tables.

Knows no service; services open sessions here and commit explicitly.
"""
