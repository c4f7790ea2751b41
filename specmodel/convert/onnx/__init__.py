"""ONNX: a graph of typed values becomes a graph of ONNX operators.

An op is exported by one lowering, in the file of `lowerings` that has the name of the op's own; some groups of ops that
ONNX has a single operator for are recognised first (`fusions`). A lowering is `lowering(op, inputs, outputs, b)`: it
reads values from the builder `b`, emits nodes, and says which tensors hold the outputs, with their axes in the order
that suits it (`layout`). Only `proto` needs the onnx package.
"""
