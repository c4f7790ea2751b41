"""What a lowering raises where ONNX has no way to say something."""


class InexpressibleError(Exception):
    """ONNX cannot say this. Internal: `translate` collects the reasons, which are clauses about the layer."""
