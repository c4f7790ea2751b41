"""A model's config becomes a `Network`: both generations of Keras, Sequential and Functional, with models inside."""

from specmodel.convert.keras.calls import calls_of, is_reference, reference
from specmodel.convert.keras.network import Call, Item, Network, Output, Port, Tensor
from specmodel.convert.keras.tree import Json, is_object, kind_of, listed, mapping, text
from specmodel.files.malformed import MalformedError, shown

FUNCTIONAL = ("Functional", "Model", "Container", "Network")
SEQUENTIAL = "Sequential"
INPUT_LAYER = "InputLayer"
_SHAPES = ("batch_shape", "batch_input_shape")
_MOST_LAYERS = 100_000


def network_of(tree: Json) -> Network:
    """The model that a config file holds: `{"class_name", "config"}`, or the config alone."""
    if isinstance(tree, list):
        return _sequential("", SEQUENTIAL, tree, None)
    found = mapping(tree, "a model's config")
    if is_object(found):
        kind = text(found["class_name"], "`class_name` of the model")
        item = Item("", kind, {}, (), _module(found), _registered(found))
        network = nested_network(kind, found["config"], item, "")
        if network is not None:
            return network
        raise MalformedError(_no_model(kind))
    if "layers" in found:
        kind = FUNCTIONAL[0] if "input_layers" in found else SEQUENTIAL
        network = nested_network(kind, found, Item("", kind, {}), "")
        assert network is not None
        return network
    raise MalformedError(
        "this is no config of a Keras model: it has neither `class_name` and `config` nor `layers`",
        "`specmodel import` reads what `model.save` and `model.to_json` write",
    )


def nested_network(kind: str, config: Json, item: Item, path: str) -> Network | None:
    """The model that an object is, or None where it is a layer. `path` leads to it from the outermost model."""
    if kind == SEQUENTIAL:
        if isinstance(config, list):  # until Keras 2.2.3
            return _sequential(item.name, kind, config, None)
        found = mapping(config, f"`config` of the model {shown(path or kind)}")
        return _sequential(_name_of(found, item), kind, found.get("layers"), found.get("build_input_shape"), path)
    found = config if isinstance(config, dict) else {}
    if kind in FUNCTIONAL or {"layers", "input_layers", "output_layers"} <= found.keys():
        return _functional(kind, mapping(config, f"`config` of the model {shown(path or kind)}"), item, path)
    return None


def _no_model(kind: str) -> str:
    if kind[:1].isupper() and kind.isidentifier():
        return (
            f"the model is of the class {shown(kind)}, whose config does not tell what it is made of: such a class is "
            "a program, and only Sequential and Functional models can be imported"
        )
    return f"`class_name` of the model must be Sequential or Functional, found {shown(kind)}"


def _name_of(config: dict[str, Json], item: Item) -> str:
    name = config.get("name")
    return name if isinstance(name, str) else item.name


def _module(found: dict[str, Json]) -> str | None:
    module = found.get("module")
    return module if isinstance(module, str) else None


def _registered(found: dict[str, Json]) -> str | None:
    registered = found.get("registered_name")
    return registered if isinstance(registered, str) else None


def _sequential(name: str, kind: str, layers: Json, build_shape: Json, path: str = "") -> Network:
    what = f"`layers` of the model {shown(path or name or kind)}"
    items: list[Item] = []
    ports: tuple[Port, ...] | None = None
    for number, written in enumerate(_bounded(layers, what)):
        item = item_of(written, f"layer {number} of {what}", path)
        if item.kind == INPUT_LAYER:
            if items or ports is not None:
                raise MalformedError(f"{what} has an InputLayer that is not the first layer")
            ports = (_port(item),)
            continue
        if number == 0 and any(isinstance(item.config.get(key), list) for key in _SHAPES):
            ports = (_port(item).replace(name="input"),)
        above = Tensor(items[-1].name if items else ports[0].name if ports is not None else "", 0)
        items.append(item.replace(calls=(Call((above,), {}),)))
    if not items:
        raise MalformedError(f"{what} is empty")
    if ports is None and isinstance(build_shape, list):
        ports = (Port("input", _shape(build_shape, what), "float32"),)
    first = items[0]
    if (
        ports is None
        and first.network is not None
        and first.network.inputs is not None
        and len(first.network.inputs) == 1
    ):
        ports = (first.network.inputs[0].replace(name="input"),)
    source = Tensor(ports[0].name if ports is not None else "input")
    items[0] = first.replace(calls=(Call((source,), {}),))
    return Network(name, kind, tuple(items), ports, (Output(None, Tensor(items[-1].name)),))


def _functional(kind: str, config: dict[str, Json], item: Item, path: str) -> Network:
    name = _name_of(config, item)
    what = f"the model {shown(path or name or kind)}"
    items = []
    for number, written in enumerate(_bounded(config.get("layers"), f"`layers` of {what}")):
        made = item_of(written, f"layer {number} of {what}", path)
        nodes = written.get("inbound_nodes", []) if isinstance(written, dict) else []
        items.append(made.replace(calls=calls_of(nodes, f"layer {shown(made.name)} of {what}")))
    by_name = {made.name: made for made in items}
    keys, given = _references(config.get("input_layers"), f"`input_layers` of {what}")
    ports = []
    for tensor in given:
        if tensor.layer not in by_name:
            raise MalformedError(f"`input_layers` of {what} names the layer {shown(tensor.layer)}, which is not there")
        ports.append(_port(by_name[tensor.layer]))
    out_keys, wanted = _references(config.get("output_layers"), f"`output_layers` of {what}")
    names: tuple[str | None, ...] = out_keys if out_keys else (None,) * len(wanted)
    outputs = tuple(Output(key, tensor) for key, tensor in zip(names, wanted, strict=True))
    if not outputs:
        raise MalformedError(f"`output_layers` of {what} is empty")
    return Network(name, kind, tuple(items), tuple(ports), outputs, keys)


def _bounded(layers: Json, what: str) -> list[Json]:
    found = listed(layers, what)
    if len(found) > _MOST_LAYERS:
        raise MalformedError(f"{what} has {len(found):,} entries, and {_MOST_LAYERS:,} is the limit")
    return found


def item_of(written: Json, what: str, path: str = "") -> Item:
    """A layer's class, name and config, with the model that it may be."""
    found = mapping(written, what)
    kind = text(found.get("class_name"), f"`class_name` of {what}")
    config = found.get("config", {})
    inner = config if isinstance(config, dict) else {}
    name = found.get("name", inner.get("name", ""))
    item = Item(text(name, f"the name of {what}"), kind, inner, (), _module(found), _registered(found))
    below = f"{path}/{item.name}" if path else item.name
    network = nested_network(kind, config, item, below)
    if network is None and not isinstance(config, dict):
        raise MalformedError(f"`config` of {what} must be a mapping, found {kind_of(config)}")
    return item.replace(network=network, name=item.name or (network.name if network is not None else ""))


def _references(written: Json, what: str) -> tuple[tuple[str, ...], list[Tensor]]:
    """The tensors of a model's inputs or outputs, and their keys where they stand in a mapping."""
    if is_reference(written):
        return (), [reference(written, what)]
    if isinstance(written, dict):
        keys: list[str] = []
        tensors: list[Tensor] = []
        for key, value in written.items():
            inner_keys, found = _references(value, what)
            own = [key] if len(found) == 1 else [f"{key}_{inner}" for inner in inner_keys or range(len(found))]
            keys += own
            tensors += found
        return tuple(keys), tensors
    tensors = []
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
