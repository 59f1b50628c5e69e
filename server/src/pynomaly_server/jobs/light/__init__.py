"""Jobs of so little work that what goes around it would cost more: several are claimed and ended together.

`eligible` says which they are, `rules` how many go together, `table` whose they are, `work` what is done.
"""
