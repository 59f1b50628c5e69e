# Generated from openapi/ by `make generate`; do not edit.
"""The contract as the client knows it: models, operations and one resource per tag.
Everything in this room is generated."""
