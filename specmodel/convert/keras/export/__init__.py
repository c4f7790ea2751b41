"""Specs as Keras models: config, archive with weights, source code."""
