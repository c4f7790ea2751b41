"""Types of tensors: dtypes, sizes that may be formulas, and what has to hold for them.

Nothing is imported here: `fault`, `polynomial`, `dim`, `bounds`, `formula`, `assume`, `tensor`, `broadcast`, `window`
are imported one by one, each from those before it.
"""
