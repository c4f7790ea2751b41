"""A model's config becomes a `Network`: both generations of Keras, Sequential and Functional, with models inside."""

from specmodel.convert.keras.applications import replaced
from specmodel.convert.keras.calls import calls_of, is_reference, reference
from specmodel.convert.keras.network import Call, Item, Network, Output, Port, Tensor
from specmodel.convert.keras.tree import Json, is_object, kind_of, listed, mapping, text
from specmodel.files.malformed import MalformedError, shown

FUNCTIONAL = ("Functional", "Model", "Container", "Network")
SEQUENTIAL = "Sequential"
INPUT_LAYER = "InputLayer"
CHAINED = ""
"""The name of a Sequential's only input, which has none that anybody sees."""
_SHAPES = ("batch_shape", "batch_input_shape")
_MOST_LAYERS = 100_000


def network_of(tree: Json, older: bool) -> Network:
    """The model that a config file holds: `{"class_name", "config"}`, or the config alone. MalformedError.

    `older` tells that Keras 2 wrote it.
    """
    reader = _Reader(older)
    if isinstance(tree, list):
        return reader.sequential("", SEQUENTIAL, tree, None, "")
    found = mapping(tree, "a model's config")
    if is_object(found):
        kind = text(found["class_name"], "`class_name` of the model")
        network = reader.network(kind, found["config"], "", "")
    elif "layers" in found:
        kind = FUNCTIONAL[0] if "input_layers" in found else SEQUENTIAL
        network = reader.network(kind, found, "", "")
    else:
        raise MalformedError(
            "this is no config of a Keras model: it has neither `class_name` and `config` nor `layers`",
            "`specmodel import` reads what `model.save` and `model.to_json` write",
        )
    if network is None:
        raise MalformedError(_no_model(kind))
    return network


def item_of(written: Json, what: str, older: bool) -> Item:
    """A layer, or a model, that stands in another layer."""
    return _Reader(older).item(written, what, "")


class _Reader:
    def __init__(self, older: bool) -> None:
        self._older = older

    def network(self, kind: str, config: Json, name: str, path: str) -> Network | None:
        """The model that an object is, or None where it is a layer. `path` leads to it from the outermost model."""
        what = f"`config` of the model {shown(path or kind)}"
        if kind == SEQUENTIAL:
            if isinstance(config, list):  # until Keras 2.2.3
                return self.sequential(name, kind, config, None, path)
            found = mapping(config, what)
            return self.sequential(_name(found, name), kind, found.get("layers"), found.get("build_input_shape"), path)
        keys = config.keys() if isinstance(config, dict) else set()
        if kind in FUNCTIONAL or {"layers", "input_layers", "output_layers"} <= keys:
            found = mapping(config, what)
            return self.functional(_name(found, name), kind, found, path)
        return None

    def sequential(self, name: str, kind: str, layers: Json, build_shape: Json, path: str) -> Network:
        """A chain, as a model whose calls follow each other."""
        what = f"`layers` of the model {shown(path or name or kind)}"
        items: list[Item] = []
        port: Port | None = None
        for number, written in enumerate(_bounded(layers, what)):
            item = self.item(written, f"layer {number} of {what}", path)
            if item.kind == INPUT_LAYER and number > 0:
                raise MalformedError(f"{what} has an InputLayer that is not the first layer")
            if item.kind == INPUT_LAYER or (number == 0 and any(isinstance(item.config.get(k), list) for k in _SHAPES)):
                port = _port(item)
            if item.kind != INPUT_LAYER:
                above = Tensor(items[-1].name if items else CHAINED)
                items.append(item.replace(calls=(Call((above,), {}),)))
        if not items:
            raise MalformedError(f"{what} is empty")
        inner = items[0].network.inputs if items[0].network is not None else None
        if port is None and isinstance(build_shape, list):
            port = Port(CHAINED, _shape(build_shape, what), "float32")
        elif port is None and inner is not None and len(inner) == 1:
            port = inner[0]
        ports = (port.replace(name=CHAINED),) if port is not None else None
        return Network(name, kind, tuple(items), ports, (Output(None, Tensor(items[-1].name)),))

    def functional(self, name: str, kind: str, config: dict[str, Json], path: str) -> Network:
        """A graph of layers."""
        what = f"the model {shown(path or name or kind)}"
        items = []
        for number, written in enumerate(_bounded(config.get("layers"), f"`layers` of {what}")):
            made = self.item(written, f"layer {number} of {what}", path)
            calls = calls_of(written.get("inbound_nodes", []), f"layer {shown(made.name)} of {what}")
            items.append(made.replace(calls=calls))
        by_name = {made.name: made for made in items}
        keys, given = _references(config.get("input_layers"), f"`input_layers` of {what}")
        for tensor in given:
            if tensor.layer not in by_name:
                raise MalformedError(
                    f"`input_layers` of {what} names the layer {shown(tensor.layer)}, which is not there"
                )
        ports = tuple(_port(by_name[tensor.layer]) for tensor in given)
        out_keys, wanted = _references(config.get("output_layers"), f"`output_layers` of {what}")
        names: tuple[str | None, ...] = out_keys if out_keys else (None,) * len(wanted)
        outputs = tuple(Output(key, tensor) for key, tensor in zip(names, wanted, strict=True))
        if not outputs:
            raise MalformedError(f"`output_layers` of {what} is empty")
        return Network(name, kind, tuple(items), ports, outputs, keys)

    def item(self, written: Json, what: str, path: str) -> Item:
        """A layer's class, name and config, with the model that it may be."""
        found = mapping(written, what)
        kind = text(found.get("class_name"), f"`class_name` of {what}")
        config = found.get("config", {})
        own = config if isinstance(config, dict) else {}
        name = text(found.get("name", own.get("name", "")), f"the name of {what}")
        network = self.network(kind, config, name, f"{path}/{name}" if path else name)
        if network is None and not isinstance(config, dict):
            raise MalformedError(f"`config` of {what} must be a mapping, found {kind_of(config)}")
        module, registered = _text(found.get("module")), _text(found.get("registered_name"))
        operation = network is None and self._is_operation(kind, module, own)
        name = name or (network.name if network is not None else "")
        return replaced(Item(name, kind, own, (), module, registered, network, None, operation))

    def _is_operation(self, kind: str, module: str | None, config: dict[str, Json]) -> bool:
        """Whether it is a function of `keras.ops`. In .h5 files these have no module, and do not say if they train."""
        if module is not None:
            return module.partition(".")[0] == "keras" and ".ops" in module
        return not self._older and kind != INPUT_LAYER and "name" in config and "trainable" not in config


def _no_model(kind: str) -> str:
    if kind[:1].isupper() and kind.isidentifier():
        return (
            f"the model is of the class {shown(kind)}, whose config does not tell what it is made of: such a class is "
            "a program, and only Sequential and Functional models can be imported"
        )
    return f"`class_name` of the model must be Sequential or Functional, found {shown(kind)}"


def _name(config: dict[str, Json], otherwise: str) -> str:
    name = config.get("name")
    return name if isinstance(name, str) else otherwise


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) else None


def _bounded(layers: Json, what: str) -> list[Json]:
    found = listed(layers, what)
    if len(found) > _MOST_LAYERS:
        raise MalformedError(f"{what} has {len(found):,} entries, and {_MOST_LAYERS:,} is the limit")
    return found


def _references(written: Json, what: str) -> tuple[tuple[str, ...], list[Tensor]]:
    """The tensors of a model's inputs or outputs, and their keys where they stand in a mapping."""
    if is_reference(written):
        return (), [reference(written, what)]
    tensors: list[Tensor] = []
    if isinstance(written, dict):
        keys: list[str] = []
        for key, value in written.items():
            inner, found = _references(value, what)
            keys += [key] if len(found) == 1 else [f"{key}_{one}" for one in inner or range(len(found))]
            tensors += found
        return tuple(keys), tensors
    for value in listed(written, what):
        tensors += _references(value, what)[1]
    return (), tensors


def _port(item: Item) -> Port:
    """The input that an InputLayer is, or that the first layer of a Sequential of Keras 2 says."""
    config, what = item.config, f"the input {shown(item.name)}"
    shape = next((config[key] for key in _SHAPES if isinstance(config.get(key), list)), None)
    dtype = config.get("dtype")
    if isinstance(dtype, dict):
        dtype = mapping(dtype.get("config"), f"`dtype` of {what}").get("name")
    return Port(item.name, _shape(shape, what), dtype if isinstance(dtype, str) else "float32")


def _shape(written: Json, what: str) -> tuple[int | None, ...] | None:
    if written is None:
        return None
    sizes = listed(written, f"the shape of {what}")
    for size in sizes:
        if size is not None and (isinstance(size, bool) or not isinstance(size, int)):
            raise MalformedError(f"the shape of {what} must hold whole numbers and null, found {kind_of(size)}")
    return tuple(sizes)
