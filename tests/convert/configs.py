"""Configs as Keras has written them over the years, and the specs that they become."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from specmodel.model.importing import read_foreign, text_of

Json = Any


def older(kind: str, name: str, *inputs: Json, **config: Json) -> Json:
    """A layer of a functional model of Keras 2: each input is a name, or `[name, node, output, {kwargs}]`.

    A list of inputs is one call; several lists are several calls.
    """
    calls = inputs if inputs and isinstance(inputs[0], tuple) else (inputs,) if inputs else ()
    nodes = [[[one, 0, 0, {}] if isinstance(one, str) else one for one in call] for call in calls]
    return {"class_name": kind, "config": {"name": name, **config}, "name": name, "inbound_nodes": nodes}


def source(name: str, *shape: int | None, dtype: str = "float32") -> Json:
    """An InputLayer of Keras 2."""
    config = {"batch_input_shape": [None, *shape], "dtype": dtype, "sparse": False, "name": name}
    return {"class_name": "InputLayer", "config": config, "name": name, "inbound_nodes": []}


def functional(
    layers: Sequence[Json], outputs: Sequence[Json], inputs: Sequence[Json] = (), name: str = "model_1"
) -> Json:
    """A functional model of Keras 2."""
    sources = [layer["name"] for layer in layers if layer["class_name"] == "InputLayer"]
    config = {
        "name": name,
        "layers": list(layers),
        "input_layers": [[one, 0, 0] for one in inputs or sources],
        "output_layers": [[one, 0, 0] if isinstance(one, str) else one for one in outputs],
    }
    return {"class_name": "Model", "keras_version": "2.2.4", "backend": "tensorflow", "config": config}


def sequential(*layers: Json, name: str = "sequential_1", version: str = "2.2.4") -> Json:
    """A Sequential of Keras 2."""
    return {"class_name": "Sequential", "keras_version": version, "config": {"name": name, "layers": list(layers)}}


def layer(kind: str, name: str = "", **config: Json) -> Json:
    """A layer of a Sequential, or inside another layer."""
    return {"class_name": kind, "config": {"name": name or kind.lower(), **config}}


def spec_of(config: Json, folder: Path) -> str:
    """The text of the spec that a config becomes."""
    (folder / "model.json").write_text(json.dumps(config))
    return text_of(read_foreign(folder / "model.json"))


def entries_of(config: Json, folder: Path) -> str:
    """The part of the spec behind `layers:`."""
    return spec_of(config, folder).partition("\nlayers:\n")[2]


def newer(kind: str, name: str, args: Sequence[Json] = (), module: str = "keras.layers", **config: Json) -> Json:
    """A layer or operation of a functional model of Keras 3 that is called once."""
    own = {"name": name, **config} if ".ops" in module else {"name": name, "trainable": True, **config}
    nodes = [{"args": list(args), "kwargs": {}}] if args else []
    return {
        "module": module,
        "class_name": kind,
        "config": own,
        "registered_name": None,
        "name": name,
        "inbound_nodes": nodes,
    }


def tensor(name: str, call: int = 0, output: int = 0) -> Json:
    """A tensor as Keras 3 writes it."""
    history = [name, call, output]
    return {"class_name": "__keras_tensor__", "config": {"shape": None, "dtype": "float32", "keras_history": history}}


def with_kwargs(written: Mapping[str, Json], **kwargs: Json) -> Json:
    """A layer of Keras 3 whose call has these arguments by name."""
    node = {**written["inbound_nodes"][0], "kwargs": kwargs}
    return {**written, "inbound_nodes": [node]}
