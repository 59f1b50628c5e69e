"""Trains a model anew by call or by rule, moves its alias where that holds, and else takes it back.

`rules` has the decisions without any I/O, `validation` compares two versions on rows that the new one was not
fitted on, `service` takes the steps, `sweep` takes them when they are due.
"""
