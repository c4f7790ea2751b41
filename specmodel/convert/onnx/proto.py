"""The file: ONNX's messages around weights that are written one after the other. Imports the onnx package."""

import os
from collections.abc import Iterable
from contextlib import ExitStack
from math import prod
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from onnx import AttributeProto, GraphProto, ModelProto, TensorProto, ValueInfoProto, helper

from specmodel.convert.onnx.dtypes import CODES
from specmodel.convert.onnx.ir import Block, Node, Tensor
from specmodel.convert.onnx.model import OnnxModel, dimension
from specmodel.files.output import atomic_output
from specmodel.files.regular import AnyPath
from specmodel.types.tensor import DTYPES
from specmodel.version import __version__
from specmodel.weights.store import held_dtype

PRODUCER = "specmodel"
LARGEST_FILE = 2**31 - 1
"""Readers of protocol buffers take no larger message: weights beyond that stand in a file of their own."""
BESIDE = ".data"
"""What the name of that file ends in, behind the model's."""
ALIGNMENT = 4096
"""Weights in a file of their own begin at multiples of a page, so that readers can map them."""
SMALL = 1024
"""Numbers of at most so many bytes stay with the model in any case."""

_GRAPH, _INITIALIZER, _RAW_DATA = 7, 5, 9
"""Fields of `ModelProto`, `GraphProto` and `TensorProto`, all of them bytes behind their length."""


def write(path: AnyPath, model: OnnxModel, inputs: Iterable[AnyPath] = (), largest: int = LARGEST_FILE) -> list[str]:
    """Write the model, whole or not at all, holding one weight in memory at a time; the files that were written.

    Equal models give equal bytes.
    """
    message = _message(model)
    graph = message.graph.SerializeToString(deterministic=True)
    message.ClearField("graph")
    head = message.SerializeToString(deterministic=True)
    parts = [_Part(model.names.tensors[tensor], tensor) for tensor in model.initializers]
    size = len(head) + len(graph) + sum(part.size + 32 for part in parts)
    apart = [part for part in parts if part.nbytes > SMALL and not part.is_text] if size > largest else []
    files = [os.fspath(path)]
    with ExitStack() as outputs:
        file = outputs.enter_context(atomic_output(path, inputs))
        if apart:  # its block ends first: a model never names a file that is not there
            files.append(files[0] + BESIDE)
            data = outputs.enter_context(atomic_output(files[1], inputs))
            _write_apart(data, apart, Path(files[1]).name)
        total = len(graph) + sum(len(_key(_INITIALIZER, part.size)) + part.size for part in parts)
        file.write(head + _key(_GRAPH, total) + graph)
        for part in parts:
            file.write(_key(_INITIALIZER, part.size))
            part.write(file)
    return files


def _write_apart(file: BinaryIO, parts: Iterable["_Part"], name: str) -> None:
    offset = 0
    for part in parts:
        start = -(-offset // ALIGNMENT) * ALIGNMENT
        file.write(b"\0" * (start - offset))
        file.write(_bytes(part.tensor))
        part.stands_apart(name, start)
        offset = start + part.nbytes


class _Part:
    """An initializer as bytes: its message, and behind it the numbers, made when they are written."""

    def __init__(self, name: str, tensor: Tensor) -> None:
        assert tensor.shape is not None
        self.tensor = tensor
        self.is_text = tensor.dtype == "string"
        self._inside = True
        dims = [int(str(size)) for size in tensor.shape]
        self.nbytes = prod(dims) * DTYPES[tensor.dtype].itemsize
        self._proto = TensorProto(dims=dims, data_type=CODES[tensor.dtype], name=name)
        if self.is_text:
            assert tensor.numbers is not None
            self._proto.string_data.extend(str(text).encode() for text in tensor.numbers().reshape(-1))

    def stands_apart(self, file: str, offset: int) -> None:
        """Say that the numbers stand in another file."""
        self._inside = False
        self._proto.data_location = TensorProto.EXTERNAL
        for key, value in (("location", file), ("offset", str(offset)), ("length", str(self.nbytes))):
            self._proto.external_data.add(key=key, value=value)

    @property
    def _head(self) -> bytes:
        head: bytes = self._proto.SerializeToString(deterministic=True)
        return head if self.is_text or not self._inside else head + _key(_RAW_DATA, self.nbytes)

    @property
    def size(self) -> int:
        """How many bytes it takes in the model."""
        return len(self._head) + (0 if self.is_text or not self._inside else self.nbytes)

    def write(self, file: BinaryIO) -> None:
        """Write the message."""
        file.write(self._head)
        if not self.is_text and self._inside:
            file.write(_bytes(self.tensor))


def _bytes(tensor: Tensor) -> bytes:
    """The numbers as ONNX has them: little-endian; of bfloat16, which NumPy lacks, the upper half of float32."""
    assert tensor.numbers is not None
    array = np.asarray(tensor.numbers(), held_dtype(tensor.dtype))
    if tensor.dtype == "bfloat16":
        array = (np.ascontiguousarray(array).view(np.uint32) >> np.uint32(16)).astype(np.uint16)
    return np.ascontiguousarray(array, array.dtype.newbyteorder("<")).tobytes()


def _key(field: int, length: int) -> bytes:
    """The tag and the length in front of bytes, as protocol buffers have them."""
    return _varint(field << 3 | 2) + _varint(length)


def _varint(number: int) -> bytes:
    found = bytearray()
    while number > 127:
        found.append(number & 127 | 128)
        number >>= 7
    found.append(number)
    return bytes(found)


def _message(model: OnnxModel) -> ModelProto:
    """The model without its initializers."""
    graph = _graph(model, model.block, model.name)
    versions = [helper.make_opsetid("", model.opset)]
    versions += [helper.make_opsetid(domain, DOMAIN_VERSIONS[domain]) for domain in model.domains]
    return helper.make_model(
        graph,
        opset_imports=versions,
        ir_version=helper.find_min_ir_version_for(versions),
        producer_name=PRODUCER,
        producer_version=__version__,
    )


DOMAIN_VERSIONS = {"ai.onnx.ml": 3}
"""The versions of further sets of operators."""


def _graph(model: OnnxModel, block: Block, name: str) -> GraphProto:
    named = {*block.inputs, *block.outputs}
    between = [tensor for node in block.nodes for tensor in node.made if tensor not in named]
    return GraphProto(
        name=name,
        node=[_node(model, node) for node in block.nodes],
        input=[_info(model, tensor) for tensor in block.inputs],
        output=[_info(model, tensor) for tensor in block.outputs],
        value_info=[_info(model, tensor) for tensor in between if tensor.shape is not None],
    )


def _node(model: OnnxModel, node: Node) -> Any:
    names = model.names.tensors
    inputs = [names[tensor] if tensor is not None else "" for tensor in node.inputs]
    outputs = [names[tensor] if tensor is not None else "" for tensor in node.outputs]
    made = helper.make_node(node.kind, inputs, outputs, name=model.names.nodes[node], domain=node.domain or None)
    for key, value in sorted(node.attributes.items()):
        made.attribute.append(_attribute(model, node, key, value))
    return made


def _attribute(model: OnnxModel, node: Node, key: str, value: Any) -> AttributeProto:
    if isinstance(value, Block):
        return helper.make_attribute(key, _graph(model, value, f"{model.names.nodes[node]}/{key}"))
    return helper.make_attribute(key, value)


def _info(model: OnnxModel, tensor: Tensor) -> ValueInfoProto:
    dims = [dimension(size, model.sizes) for size in tensor.shape] if tensor.shape is not None else None
    return helper.make_tensor_value_info(model.names.tensors[tensor], CODES[tensor.dtype], dims)
