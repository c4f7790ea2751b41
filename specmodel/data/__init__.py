"""The data of a run: which arrays are given, whether they fit the spec, how they are cut into pieces and written.

`sources` and `fit` work on headers and import no NumPy, so that a mistake is told before NumPy is loaded.
"""
