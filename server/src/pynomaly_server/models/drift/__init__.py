"""How far the rows that a model scores have moved from those that it was trained on.

`cells` tells values apart, `sketch` counts them, `observing` does so behind the requests, `measures`
compares, `service` answers.
"""
