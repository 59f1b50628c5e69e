"""Large jobs in parts: one worker fits a model and stages the rows, any workers score shards, one joins them.

`staging` and `scoring` are the work, `claims` and `table` say whose it is, `cleaning` removes what is left.
"""
