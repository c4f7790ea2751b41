"""Checking many specs: which files, which diagnostics of them, and what to do about those."""
