"""The networks that are measured, each written once, for anything that can build layers: a spec, NumPy, ONNX."""

from typing import Protocol, TypeVar

X = TypeVar("X")


class Builder(Protocol[X]):
    """Layers with Keras' meaning, channels last; each has a name of its own, the path of its weights."""

    def dense(self, x: X, name: str, units: int, activation: str = "linear") -> X: ...
    def conv(
        self,
        x: X,
        name: str,
        filters: int,
        size: int,
        stride: int = 1,
        padding: str = "valid",
        activation: str = "linear",
    ) -> X: ...
    def norm(self, x: X, name: str) -> X: ...
    def relu(self, x: X, name: str) -> X: ...
    def pad(self, x: X, name: str, width: int) -> X: ...
    def max_pool(self, x: X, name: str, size: int, stride: int) -> X: ...
    def global_average(self, x: X, name: str) -> X: ...
    def flatten(self, x: X, name: str) -> X: ...
    def add(self, x: X, y: X, name: str) -> X: ...
    def lstm(self, x: X, name: str, units: int) -> X: ...


EPSILON = 1.001e-5
"""What `norm` adds to the variance, as in Keras' ResNet."""


def mlp(b: Builder[X], x: X) -> X:
    """784-512-512-10."""
    x = b.dense(x, "dense", 512, "relu")
    x = b.dense(x, "dense_1", 512, "relu")
    return b.dense(x, "dense_2", 10, "softmax")


def cnn(b: Builder[X], x: X) -> X:
    """Two convolutions on images of 28x28."""
    x = b.conv(x, "conv", 32, 3, activation="relu")
    x = b.max_pool(x, "pool", 2, 2)
    x = b.conv(x, "conv_1", 64, 3, activation="relu")
    x = b.max_pool(x, "pool_1", 2, 2)
    return b.dense(b.flatten(x, "flatten"), "dense", 10, "softmax")


def lstm(b: Builder[X], x: X) -> X:
    """The last output of 256 units."""
    return b.lstm(x, "lstm", 256)


def resnet50(b: Builder[X], x: X) -> X:
    """ResNet-50 as Keras' applications have it (K. He et al., Deep Residual Learning, 2015): 25,636,712 parameters."""
    x = b.conv(b.pad(x, "conv1_pad", 3), "conv1_conv", 64, 7, stride=2)
    x = b.relu(b.norm(x, "conv1_bn"), "conv1_relu")
    x = b.max_pool(b.pad(x, "pool1_pad", 1), "pool1_pool", 3, 2)
    for stage, (filters, blocks) in enumerate([(64, 3), (128, 4), (256, 6), (512, 3)], start=2):
        for block in range(1, blocks + 1):
            x = _residual(b, x, f"conv{stage}_block{block}", filters, 2 if block == 1 and stage > 2 else 1, block == 1)
    return b.dense(b.global_average(x, "avg_pool"), "predictions", 1000, "softmax")


RESNET50_PARAMETERS = 25_636_712


def _residual(b: Builder[X], x: X, name: str, filters: int, stride: int, widens: bool) -> X:
    shortcut = x
    if widens:
        shortcut = b.norm(b.conv(x, f"{name}_0_conv", 4 * filters, 1, stride), f"{name}_0_bn")
    x = b.relu(b.norm(b.conv(x, f"{name}_1_conv", filters, 1, stride), f"{name}_1_bn"), f"{name}_1_relu")
    x = b.conv(x, f"{name}_2_conv", filters, 3, padding="same")
    x = b.relu(b.norm(x, f"{name}_2_bn"), f"{name}_2_relu")
    x = b.norm(b.conv(x, f"{name}_3_conv", 4 * filters, 1), f"{name}_3_bn")
    return b.relu(b.add(shortcut, x, f"{name}_add"), f"{name}_out")
