"""YAML to nodes: values that know where they stand. Strict, bounded, and without a constructor in sight."""

from specmodel.yaml.compose import compose, compose_mapping
from specmodel.yaml.node import Node
from specmodel.yaml.reading import MAX_BYTES, decode_source, read_source

__all__ = ["MAX_BYTES", "Node", "compose", "compose_mapping", "decode_source", "read_source"]
