"""The order of `model.layers` in Keras, by which weights files count: a function of the graph alone."""

from collections.abc import Iterator, Sequence

from specmodel.graph.graph import Graph, Node
from specmodel.layers.operation import Operation


def keras_order(graph: Graph) -> list[Node]:
    """The nodes whose layers own their weights, operations left out, as Keras' functional models sort them.

    The layers farthest from the outputs come first; of equally far ones those that are met first on the way from the
    outputs to the inputs. Those that no output needs come last.
    """
    index = {node.path: number for number, node in enumerate(graph.nodes)}
    owner = [index.get(node.entry.owner, number) for number, node in enumerate(graph.nodes)]
    reads = [[index[ref.target] for ref in node.entry.refs() if ref.target in index] for node in graph.nodes]
    ends = [index[output.ref.target] for output in graph.outputs if output.ref.target in index]
    met: dict[int, int] = {}
    inputs_first = list(_from(ends, reads, owner, met))
    depth = [0] * len(graph.nodes)
    layer_depth: dict[int, int] = {}
    for number in reversed(inputs_first):
        depth[number] = max(depth[number], layer_depth.get(owner[number], 0))
        layer_depth[owner[number]] = depth[number]
        for read in reads[number]:
            depth[read] = max(depth[read], depth[number] + 1)
    layers = [number for number in range(len(graph.nodes)) if owner[number] == number]
    last = len(graph.nodes)
    layers.sort(key=lambda number: (number not in layer_depth, -layer_depth.get(number, 0), met.get(number, last)))
    return [graph.nodes[number] for number in layers if not isinstance(graph.nodes[number].layer, Operation)]


def _from(
    ends: Sequence[int], reads: Sequence[Sequence[int]], owner: Sequence[int], met: dict[int, int]
) -> Iterator[int]:
    """The nodes that outputs need, each behind what it reads; `met` becomes the order in which their layers are met."""
    done: set[int] = set()
    for end in ends:
        stack = [(end, iter(reads[end]))] if end not in done else []
        while stack:
            number, left = stack[-1]
            if number not in done and owner[number] not in met:
                met[owner[number]] = len(met)
            following = next((read for read in left if read not in done), None)
            if following is not None:
                stack.append((following, iter(reads[following])))
                continue
            stack.pop()
            if number not in done:
                done.add(number)
                yield number
