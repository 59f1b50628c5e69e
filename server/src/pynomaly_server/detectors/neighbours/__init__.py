"""Nearest neighbours, measured so that a row alone gets the same distances as in a batch.

`distances` measures, `ranking` orders, `subsamples` draws, `search` answers whole queries, by a `tree` or
`products` where these spare measuring.
"""
