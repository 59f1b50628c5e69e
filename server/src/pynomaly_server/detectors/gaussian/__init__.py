"""Normal distributions: locations, covariances and the distances of rows from them.

Compiled, in a fixed order of additions: a row alone equals it in a batch, and threads of BLAS change nothing.
"""
