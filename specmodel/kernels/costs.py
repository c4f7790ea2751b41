"""What work costs on one core, told from its size alone: in nanoseconds, of which only the proportions matter.

Measured on a core with AVX-512. Nothing is timed at run time, so that a model does the same every time.
"""

MULTIPLY_ADD = 0.02
"""A multiply-add in a product of matrices."""
TAP = 0.2
"""A multiply-add in a sum along channels that stay apart."""
ELEMENT = 0.2
"""An element that one ufunc reads and writes, in the cache."""
RUN = 8.0
"""The beginning of a run of memory in a copy of many."""
FETCHED = 0.2
"""A weight that comes from memory."""
