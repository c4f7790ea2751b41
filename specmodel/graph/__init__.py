"""From a `ModelSpec` to a graph of typed values: `build`, and what can be read off a graph without running it."""
