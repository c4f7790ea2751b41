"""Layers that `keras.applications` defines for itself, as what they compute."""

from specmodel.convert.keras.network import Call, Item, Network, Output, Port, Tensor

_MODULES = ("keras.src.applications.", "keras.applications.", "tf_keras.src.applications.")


def replaced(item: Item) -> Item:
    """A layer of ConvNeXt or Inception-ResNet as one of the catalogue or a small model; any other as it is."""
    if item.module is None or not item.module.startswith(_MODULES):
        return item
    common = {key: item.config[key] for key in ("name", "trainable", "dtype") if key in item.config}
    if item.kind == "StochasticDepth":  # drops whole branches while training
        return item.replace(config=common, catalogue="Identity")
    if item.kind == "LayerScale":
        arguments = {
            "equation": "...c,c->...c",
            "output_shape": item.config.get("projection_dim"),
            "kernel_initializer": {"class_name": "Constant", "config": {"value": item.config.get("init_values")}},
        }
        return item.replace(config={**common, **arguments}, catalogue="EinsumDense")
    if item.kind == "CustomScaleLayer":
        return item.replace(network=_scaled_sum(item))
    return item


def _scaled_sum(item: Item) -> Network:
    """`inputs[0] + inputs[1] * scale`."""
    factor = Call((Tensor("residual"), item.config.get("scale")), {})
    scaled = Item("scaled", "Multiply", {"name": "multiply"}, (factor,), operation=True)
    total = Item("sum", "Add", {"name": "sum"}, (Call(([Tensor("x"), Tensor("scaled")],), {}),))
    ports = tuple(Port(name, None, "float32") for name in ("x", "residual"))
    return Network(item.name, item.kind, (scaled, total), ports, (Output(None, Tensor("sum")),))
