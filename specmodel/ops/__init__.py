"""The typed operations that layers are made of; one file a concept, no NumPy.

An op says what comes out (`infer`), what it costs (`flops`) and whether it keeps the rows of a batch apart
(`keeps_rows`). A kernel in the file of the same name under `specmodel.kernels` runs it.
"""
