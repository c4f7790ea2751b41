"""What is alive when: the memory that activations take, told from types alone."""

from collections.abc import Sequence

from specmodel.graph.graph import Graph, Node
from specmodel.types.bounds import at_least
from specmodel.types.dim import Dim, evaluate
from specmodel.types.formula import shown

ONE_SAMPLE = {"?batch": 1}
"""The binding that turns figures of a batch into those of one sample."""


def activation_bytes(graph: Graph) -> dict[str, Dim]:
    """The bytes of each layer's outputs, for a batch of one."""
    return {node.path: evaluate(output_bytes(node), ONE_SAMPLE) for node in graph.nodes}


def output_bytes(node: Node) -> Dim:
    """The bytes of a layer's outputs."""
    total: Dim = 0
    for output in node.outputs:
        total = total + output.value.type.bytes
    return total


def peak_activation_bytes(graph: Graph) -> int | str | None:
    """The largest sum of layer inputs and outputs alive at once, in order, for a batch of one.

    Nothing is fused or done in place. Where named sizes decide which sum is the largest it is `max(…, …)`.
    """
    sizes = {**activation_bytes(graph), **{i.spec.name: evaluate(i.value.type.bytes, ONE_SAMPLE) for i in graph.inputs}}
    order = [node.path for node in graph.in_order()]
    step = {path: number for number, path in enumerate(order)}
    last: dict[str, int] = {}
    for number, node in enumerate(graph.in_order()):
        for ref in node.entry.refs():
            last[ref.target] = number
    kept = {output.ref.target for output in graph.outputs}
    alive: Dim = 0
    for given in graph.inputs:
        alive = alive + sizes[given.spec.name]
    ends: dict[int, list[str]] = {}
    for path in sizes:
        if path not in kept:
            ends.setdefault(last.get(path, step.get(path, -1)), []).append(path)
    peaks = [alive]
    for number, path in enumerate(order):
        alive = alive + sizes[path]
        peaks.append(alive)
        for ended in ends.get(number, ()):
            alive = alive - sizes[ended]
    return largest(peaks)


def largest(sizes: Sequence[Dim]) -> int | str | None:
    """The largest of some sizes: a number, a formula, `max(…)` of formulas, or None if one is unknown."""
    distinct = list(dict.fromkeys(sizes))
    known = [size for size in distinct if isinstance(size, int)]
    symbolic = [size for size in distinct if not isinstance(size, int)]
    candidates: list[Dim] = [max(known)] if known else []
    for size in symbolic:
        if any(at_least(other, size) for other in candidates):
            continue
        candidates = [other for other in candidates if not at_least(size, other)] + [size]
    texts = [shown(size) for size in candidates]
    if any(found is None for found in texts):
        return None
    if len(texts) == 1:
        return texts[0]
    return f"max({', '.join(sorted(str(found) for found in texts))})"
