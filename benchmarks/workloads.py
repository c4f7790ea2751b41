"""The networks that are measured: specs, with what each is run on and what it is to reach."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:  # whoever measures whole processes stays small itself: its size counts in theirs
    from specmodel.spec.model import ModelSpec

ROOT = Path(__file__).parents[1]


class Workload(NamedTuple):
    """A spec, the values of its params, and the batches that it runs on.

    `goal` is the most time that it may take on one thread, as a ratio to onnxruntime's.
    """

    name: str
    spec: Path
    batches: tuple[int, ...]
    goal: float
    params: Mapping[str, Any] = {}

    def open(self) -> "ModelSpec":
        """The flat spec."""
        from specmodel.model.opening import open_spec
        from specmodel.spec.params import Choice
        from specmodel.yaml import Node

        given = Node.from_plain({"params": dict(self.params)}).items["params"].items if self.params else {}
        return open_spec(self.spec, choice=Choice(None, given)).sound()[0]


OWN = ROOT / "benchmarks" / "specs"
ZOO = ROOT / "specs" / "zoo"
WORKLOADS = {
    workload.name: workload
    for workload in (
        Workload("mlp", ROOT / "specs" / "mlp.yaml", (1, 32, 1024), 1.2),
        Workload("cnn", OWN / "cnn.yaml", (1, 64), 1.9),
        Workload("resnet50", ZOO / "resnet_keras.yaml", (1, 8), 1.4),
        Workload("mobilenet_v2", ZOO / "mobilenet_v2.yaml", (1, 8), 2.0),
        Workload("encoder", OWN / "encoder.yaml", (1, 8), 1.1),
        Workload("lstm", OWN / "lstm.yaml", (1, 32), 1.4),
        Workload("gru", OWN / "gru.yaml", (1, 32), 1.4),
        Workload("vgg16", ZOO / "vgg.yaml", (1,), 1.3),
        Workload("unet", ZOO / "unet.yaml", (1,), 1.9, {"size": 128, "width": 16}),
    )
}
TWO_THREADS = 1.25
"""How many times the goal of one thread a ratio at two threads may be."""
