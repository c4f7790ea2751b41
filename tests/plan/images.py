"""Random networks on images: convolutions of all kinds with what stands around them, shortcuts and concatenations."""

from random import Random
from typing import Any

Shape = tuple[int, int, int]
"""Height, width, channels."""
Layer = tuple[str, dict[str, Any], Shape]


class Images:
    """A network under construction: the names of its values and their shapes."""

    def __init__(self, seed: int) -> None:
        self.random = Random(f"images {seed}")
        self.first = self.random.random() < 0.25
        self.entries: list[dict[str, Any]] = []
        self.shapes: dict[str, Shape] = {"x": (self.random.randint(5, 9), self.random.randint(5, 9), 3)}

    def spec(self) -> dict[str, Any]:
        """A network of ten entries, whose last value and perhaps another come out."""
        for _ in range(10):
            self.add()
        names = list(self.shapes)
        watched = [names[-1], *self.random.sample(names[1:-1], self.random.randint(0, 1))]
        height, width, channels = self.shapes["x"]
        shape = [channels, height, width] if self.first else [height, width, channels]
        return {"inputs": {"x": shape}, "layers": self.entries, "outputs": watched}

    def add(self) -> None:
        """An entry that reads one of the last values, or two of the same size."""
        names = list(self.shapes)
        name = self.random.choice(names[-2:])
        shape = self.shapes[name]
        same = [other for other in names if self.shapes[other] == shape]
        as_wide = [other for other in names if self.shapes[other][:2] == shape[:2]]
        chance = self.random.random()
        if chance < 0.2 and len(same) > 1:
            self.put("Add", {}, [name, self.random.choice(same)], shape)
        elif chance < 0.4 and len(as_wide) > 1:
            other = self.random.choice(as_wide)
            axis = 1 if self.first else -1
            self.put("Concatenate", {"axis": axis}, [name, other], (*shape[:2], shape[2] + self.shapes[other][2]))
        else:
            layer, arguments, after = self.random.choice(self.choices(shape))
            self.put(layer, arguments, [name], after)

    def put(self, layer: str, arguments: dict[str, Any], inputs: list[str], shape: Shape) -> None:
        """Append an entry."""
        if self.first and layer not in PLAIN:
            arguments = {**arguments, "data_format": "channels_first"}
        name = f"v{len(self.entries)}"
        self.entries.append({"name": name, "inputs": inputs, layer: arguments})
        self.shapes[name] = shape

    def choices(self, shape: Shape) -> list[Layer]:
        """The layers that fit a value."""
        height, width, channels = shape
        random = self.random
        filters, stride = random.choice((1, 2, 4, 6)), random.choice((1, 1, 2))
        same = (-(-height // stride), -(-width // stride))
        activation = random.choice(("linear", "relu", "relu6", "swish", "gelu"))
        groups = random.choice([one for one in (1, 2, 3) if channels % one == 0])
        rest: dict[str, Any] = {"activation": activation, "use_bias": random.random() < 0.5}
        found: list[Layer] = [
            ("Conv2D", {"filters": filters, "kernel_size": 1, "strides": stride, **rest}, (*same, filters)),
            *2 * [("Conv2D", {"filters": filters, "kernel_size": 3, "padding": "same", "strides": stride, **rest},
              (*same, filters))],
            ("Conv2D", {"filters": 2 * groups, "kernel_size": 2, "padding": "same", "groups": groups,
              "dilation_rate": random.choice((1, 2)), **rest}, (height, width, 2 * groups)),
            *2 * [("DepthwiseConv2D", {"kernel_size": 3, "padding": "same", "strides": stride, **rest},
              (*same, channels))],
            ("DepthwiseConv2D", {"kernel_size": 2, "padding": "same", "depth_multiplier": 2, **rest},
             (height, width, 2 * channels)),
            ("Conv2DTranspose", {"filters": filters, "kernel_size": 3, "padding": "same", **rest},
             (height, width, filters)),
            *3 * [("BatchNormalization", {"axis": 1 if self.first else -1}, shape)],
            *2 * [("ReLU", {"max_value": random.choice((None, 6))}, shape)],
            ("ZeroPadding2D", {"padding": [[0, 1], [1, 0]]}, (height + 1, width + 1, channels)),
            ("MaxPooling2D", {"pool_size": 3, "strides": stride, "padding": "same"}, (*same, channels)),
            ("AveragePooling2D", {"pool_size": 2, "strides": stride, "padding": "same"}, (*same, channels)),
        ]  # fmt: skip
        if height >= 3 and width >= 3:
            valid = ((height - 3) // stride + 1, (width - 3) // stride + 1)
            found.append(
                ("Conv2D", {"filters": filters, "kernel_size": 3, "strides": stride, **rest}, (*valid, filters))
            )
        if height * width < 100:
            found.append(("UpSampling2D", {"size": 2}, (2 * height, 2 * width, channels)))
            after = (2 * height, 2 * width, filters)
            taps = random.choice((2, 3))
            spread = {"filters": filters, "kernel_size": taps, "strides": 2, "padding": "same", **rest}
            found.append(("Conv2DTranspose", spread, after))
        return found


PLAIN = ("Add", "Concatenate", "BatchNormalization", "ReLU")
"""Layers without `data_format`."""
