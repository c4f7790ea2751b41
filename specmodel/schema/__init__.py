"""The spec language as a JSON Schema, for editors: made of the declarations alone."""
