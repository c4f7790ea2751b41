"""The order in which Keras has the layers of a Functional model, whatever order they are written in.

Weights are kept by class and counter in this order: by depth, the farthest from the outputs first, and at one depth as
a walk from the outputs comes across them. Source: `map_graph` in keras/src/ops/function.py.
"""

from collections.abc import Mapping, Sequence

Reads = Mapping[str, Sequence[str]]
"""For each call the calls that it reads, in the order of its arguments; inputs read nothing."""


def layer_order(inputs: Sequence[str], outputs: Sequence[str], reads: Reads, owners: Mapping[str, str]) -> list[str]:
    """The layers that the outputs depend on; `owners` leads calls, and inputs, to their layers."""
    found: dict[str, int] = {}
    finished: list[str] = []
    for output in outputs:
        _walk(output, reads, owners, found, finished, set(finished))
    depths: dict[str, int] = {}
    of_layers: dict[str, int] = {}
    for call in reversed(finished):
        layer = owners[call]
        depth = max(depths.get(call, 0), of_layers.get(layer, 0))
        depths[call] = of_layers[layer] = depth
        for parent in reads[call]:
            depths[parent] = max(depth + 1, depths.get(parent, 0))
    for given in inputs:
        of_layers.setdefault(given, 0)
        found.setdefault(given, -1)
    return sorted(of_layers, key=lambda layer: (-of_layers[layer], found[layer]))


def _walk(
    output: str,
    reads: Reads,
    owners: Mapping[str, str],
    found: dict[str, int],
    finished: list[str],
    done: set[str],
) -> None:
    """Go from an output to what it depends on: layers are numbered as they are met, calls end behind what they read."""
    stack = [(output, False)]
    while stack:
        call, ready = stack.pop()
        if ready:
            finished.append(call)
        elif call not in done:
            done.add(call)
            found.setdefault(owners[call], len(found))
            stack.append((call, True))
            stack.extend((parent, False) for parent in reversed(reads[call]))
