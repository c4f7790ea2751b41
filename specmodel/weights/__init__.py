"""The weights a spec needs, held against files, read from them, made and written.

`stored`, `match`, `renames` and `location` read headers alone and import no NumPy: `check` uses them.
"""
