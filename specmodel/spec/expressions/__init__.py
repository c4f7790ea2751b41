"""The expressions of a spec: `$(…)` in scalars, read by a parser of their own and evaluated within bounds."""
