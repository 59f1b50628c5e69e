"""Random trees in flat arrays: grown and walked by compiled kernels that hold no lock.

They split by one column (`axis`) or by a hyperplane (`hyperplane`); `flatten` adopts other libraries' trees.
"""
