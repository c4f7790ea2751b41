"""From what is written, with its blocks, groups and repeats, to flat definitions with names and resolved references."""
