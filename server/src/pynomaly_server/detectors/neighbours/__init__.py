"""Nearest neighbours: exact distances in a fixed order of additions, so that a row alone equals it in a batch.

`distances` measures, `ranking` orders, `subsamples` draws, `search` answers whole queries.
"""
