"""Trustworthy readers and writers of array files.

Whatever the bytes, a reader returns what they say or raises `SpecError` with the reason. Sizes are compared with the
bytes that are there before anything is allocated. Only `arrays` and `writers` import NumPy.
"""
