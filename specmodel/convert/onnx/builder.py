"""What a lowering speaks to: it reads values as tensors, emits nodes, and says which tensors hold what it made."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from specmodel.convert.onnx.dtypes import CODES, physical, working
from specmodel.convert.onnx.ir import Array, Block, Node, Tensor
from specmodel.convert.onnx.layout import Held, Order, arranged, moves_nothing, permutation, plain
from specmodel.convert.onnx.sizes import reshape_target
from specmodel.ops.value import Value
from specmodel.types.dim import Dim

LARGEST_SHARED = 1024
"""Constants of at most so many bytes are kept once, however many nodes read them."""


class Builder:
    """A block in the making, and the tensors that hold values. `opset` is the version of the operators.

    `path` is the layer whose ops are being lowered, `wanted` the order in which values will be read. The builder of a
    loop's body has a `parent`, whose values it sees.
    """

    def __init__(self, opset: int, parent: "Builder | None" = None) -> None:
        self.opset = opset
        self.block = Block()
        self.parent = parent
        self.path: str = parent.path if parent is not None else ""
        self.wanted: Mapping[Value, Order] = {}
        self._held: dict[Value, Held] = {}
        self._made: dict[object, Tensor] = {}
        self._turned: dict[Tensor, tuple[Tensor, Order]] = {}
        self._reshaped: dict[Tensor, Tensor] = {}
        self._constants: dict[object, Tensor] = parent._constants if parent is not None else {}

    @property
    def root(self) -> "Builder":
        """The builder of the whole graph."""
        found = self
        while found.parent is not None:
            found = found.parent
        return found

    def inner(self) -> "Builder":
        """A builder for the body of a loop, which sees the values of this one."""
        return Builder(self.opset, self)

    # Nodes

    def emit(
        self, kind: str, inputs: Sequence[Tensor | None], outputs: Sequence[Tensor | None], **attributes: Any
    ) -> None:
        """Put a node at the end of the block."""
        self.block.nodes.append(Node(kind, inputs, outputs, attributes, self.path))

    def node(
        self,
        kind: str,
        *inputs: Tensor | None,
        dtype: str | None = None,
        shape: Iterable[Dim] | None = None,
        **attributes: Any,
    ) -> Tensor:
        """The output of a node that has one; its dtype is that of the first input unless told."""
        first = inputs[0] if inputs else None
        kept = dtype if dtype is not None else first.dtype if first is not None else "float32"
        output = Tensor(kept, tuple(shape) if shape is not None else None)
        self.emit(kind, inputs, [output], **attributes)
        return output

    def once(self, key: object, make: Callable[[], Tensor]) -> Tensor:
        """What `make` gives, made at the first time it is asked for under this key."""
        if key not in self._made:
            self._made[key] = make()
        return self._made[key]

    def known(self, key: object) -> Tensor | None:
        """What was made under this key, if anything was."""
        return self._made.get(key)

    # Constants

    def constant(self, array: Array, dtype: str | None = None) -> Tensor:
        """A tensor of numbers; small ones that are equal are the same tensor."""
        kept = dtype if dtype is not None else array.dtype.name
        if array.nbytes > LARGEST_SHARED:
            return Tensor(kept, array.shape, numbers=lambda: array)
        key = (kept, array.shape, array.tobytes())
        if key not in self._constants:
            self._constants[key] = Tensor(kept, array.shape, numbers=lambda: array)
        return self._constants[key]

    def ints(self, numbers: Iterable[int]) -> Tensor:
        """A vector of int64, as axes and shapes are given."""
        return self.constant(np.array(list(numbers), np.int64))

    def scalar(self, number: float, like: Tensor | str) -> Tensor:
        """A number in a dtype, or in that of a tensor."""
        dtype = like if isinstance(like, str) else like.dtype
        with np.errstate(over="ignore"):
            return self.constant(np.array(number, dtype))

    # Values

    def hold(self, value: Value, tensor: Tensor, order: Order | None = None) -> None:
        """Say which tensor holds a value that was computed; a 16-bit float is rounded."""
        if value.dtype in ("float16", "bfloat16"):
            narrow = self.cast(tensor, value.dtype)
            tensor = self.cast(narrow, "float32")
        self.place(value, tensor, order)

    def place(self, value: Value, tensor: Tensor, order: Order | None = None) -> None:
        """Say which tensor holds a value whose elements came from elsewhere."""
        kept = order if order is not None else plain(value.rank)
        if tensor.shape is None:
            tensor.shape = arranged(value.shape, kept)
        self._held[value] = Held(tensor, kept)

    def held(self, value: Value) -> Held:
        """How a value is held."""
        found = self._held.get(value)
        if found is not None:
            return found
        assert self.parent is not None, value
        return self.parent.held(value)

    def tensor_of(self, value: Value) -> Tensor | None:
        """The tensor that holds a value; None where nobody needed it."""
        found = self._held.get(value)
        return found.tensor if found is not None else None

    def read(self, value: Value, order: Order | None = None) -> Tensor:
        """A value as a tensor with its axes in an order, its own unless told."""
        if value not in self._held and self.parent is not None:
            return self.parent.read(value, order)
        held = self._held[value]
        return self.transposed(held.tensor, permutation(held.order, order if order is not None else plain(value.rank)))

    def transposed(self, tensor: Tensor, perm: Order) -> Tensor:
        """The tensor with its axes in another order: made of what it was turned from itself, once for each order."""
        source, before = self._turned.get(tensor, (tensor, plain(len(perm))))
        whole = tuple(before[axis] for axis in perm)
        if whole == plain(len(perm)):
            return source
        made = self.once(("transposed", source, whole), lambda: self._transposed(source, whole))
        self._turned[made] = source, whole
        return made

    def _transposed(self, tensor: Tensor, perm: Order) -> Tensor:
        wanted = arranged(tensor.shape, perm) if tensor.shape is not None else None
        if tensor.shape is not None and wanted is not None and moves_nothing(tensor.shape, perm):
            return self.reshape(tensor, wanted)
        return self.node("Transpose", tensor, shape=wanted, perm=list(perm))

    def aligned(self, values: Sequence[Value], out: Value) -> tuple[Order, list[Tensor]]:
        """Values as tensors that broadcast to each other to make `out`, and the order that it has then."""
        order = self.common_order([value for value in values if value.rank == out.rank], out)
        return order, [self.fitted(value, order) for value in values]

    def common_order(self, values: Sequence[Value], out: Value) -> Order:
        """The order for an operation on values: of those in which the largest are held, the one that is wanted later.

        Weights have no say: they are kept in whatever order they are read in.
        """
        most = max(sum(size != 1 for size in value.shape) for value in values)
        largest = [value for value in values if sum(size != 1 for size in value.shape) == most]
        orders = {value: self.held(value).order for value in largest if self.held(value).tensor.numbers is None}
        if len(set(orders.values())) == 1:
            return next(iter(orders.values()))
        moved = [order for value, order in orders.items() if not moves_nothing(value.shape, order)]
        wanted = self.wanted.get(out)
        if wanted in moved or (wanted == plain(out.rank) and len(moved) < len(orders)):
            return wanted
        return moved[0] if moved else plain(out.rank)

    def fitted(self, value: Value, order: Order) -> Tensor:
        """A value as a tensor to broadcast to others in this order; it may have fewer axes."""
        held = self.held(value)
        if order == plain(len(order)):
            return self.read(value)
        if held.order == order:
            return held.tensor
        lack = len(order) - value.rank
        if lack and all(size == 1 for size in value.shape):
            return held.tensor
        whole = (*(1,) * lack, *value.shape)
        wanted = [whole[axis] for axis in order]
        while lack and wanted and wanted[0] == 1:
            wanted.pop(0)
        now = [axis + lack for axis in held.order if value.shape[axis] != 1]
        if now == [axis for axis in order if whole[axis] != 1]:
            return self.reshape(held.tensor, wanted)
        return self.reshape(self.read(value, tuple(axis - lack for axis in order if axis >= lack)), wanted)

    # Small things that many need

    def cast(self, tensor: Tensor, dtype: str) -> Tensor:
        """The tensor in another dtype; itself where it has it."""
        if tensor.dtype == dtype:
            return tensor
        return self.node("Cast", tensor, dtype=dtype, shape=tensor.shape, to=CODES[dtype])

    def reshape(self, tensor: Tensor, shape: Sequence[Dim]) -> Tensor:
        """The tensor's elements under another shape: made of what it was reshaped from itself."""
        source, wanted = self._reshaped.get(tensor, tensor), tuple(shape)
        if source.shape == wanted:
            return source
        if source.shape is not None and not wanted and all(size == 1 for size in source.shape):
            made = self.node("Squeeze", source, shape=())
        else:
            target, literal = reshape_target(self, source, wanted)
            more: dict[str, Any] = {"allowzero": 1} if literal else {}
            made = self.node("Reshape", source, target, shape=wanted, **more)
        self._reshaped[made] = source
        return made

    def computed(self, tensor: Tensor, dtype: str, work: Callable[[Tensor], Tensor]) -> Tensor:
        """`work` done in the dtype that readers compute in, and cast to `dtype` where that differs."""
        return self.cast(work(self.cast(tensor, working(tensor.dtype))), physical(dtype))
