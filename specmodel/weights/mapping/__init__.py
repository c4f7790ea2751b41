"""Weights of another layout onto a spec: rules that rename, transpose, split and join arrays."""
