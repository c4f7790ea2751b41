"""What specmodel costs, as ratios to what the same work costs without it: `python -m benchmarks`, or `make bench`.

Everything that is compared runs in turn, round by round, so that a busy machine slows all alike. A ratio is the median
of the rounds' ratios, with the quartiles beside it.
"""
