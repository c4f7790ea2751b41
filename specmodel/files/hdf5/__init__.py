"""HDF5 files as Keras writes them, read strictly and without the HDF5 library.

An own reader of the part of the format that holds weights, as `check` must read headers without NumPy, as the library
trusts what a file says (links into other files, sizes, cycles), and as arrays can be mapped where they are. The format
is "HDF5 File Format Specification Version 3.0" (The HDF Group); section numbers below are its.

`fields` reads numbers, `objects` the headers of objects, `types` datatypes and shapes, `values` attributes, `links`
what groups hold, `data` where the elements of datasets are, `tree` puts them together. All raise MalformedError.
"""

from specmodel.files.hdf5.tree import Dataset, Group, open_hdf5

__all__ = ["Dataset", "Group", "open_hdf5"]
