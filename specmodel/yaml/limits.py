"""How much a document may hold. Real specs stay far below; what passes is cheap for every later stage."""

NESTING = 64
NODES = 1_000_000
MISTAKES = 1_000
