"""From YAML nodes to a validated `ModelSpec`: the document, its entries, their names and wiring."""
