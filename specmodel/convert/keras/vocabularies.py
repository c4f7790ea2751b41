"""The vocabularies that Keras keeps in files of an archive, beside the config: they become arguments again."""

from specmodel.convert.keras.network import Item, Network
from specmodel.convert.keras.objects import shortest
from specmodel.files.hdf5 import Dataset
from specmodel.files.keras_file import KerasFile
from specmodel.files.malformed import MalformedError, shown
from specmodel.weights.keras_groups import IDF_WEIGHTS, counted_names
from specmodel.weights.keras_layouts import CONTAINERS

LOOKUPS = ("StringLookup", "IntegerLookup", "TextVectorization")
"""Layers that have a vocabulary."""
_FOLDER = "assets"
_MASKED, _OTHERS = "mask_token", "num_oov_indices"


def with_vocabularies(network: Network, file: KerasFile) -> Network:
    """The model with every vocabulary that its file keeps apart from the config; MalformedError."""
    for container in CONTAINERS:
        if any(name.startswith(f"{_FOLDER}/{container}/") for name in file.vocabularies):
            return _filled(network, file, container, "")
    return network


def _filled(network: Network, file: KerasFile, container: str, inside: str) -> Network:
    """`inside` is the group of the model, with the separator behind it."""
    stored = [item for item in network.items if not item.operation]
    groups = dict(zip([one.name for one in stored], counted_names(one.kind for one in stored), strict=True))
    items = []
    for item in network.items:
        group = f"{inside}{container}/{groups.get(item.name)}"
        if item.network is not None:
            item = item.replace(network=_filled(item.network, file, container, f"{group}/"))
        elif item.kind in LOOKUPS and item.config.get("vocabulary") is None:
            item = item.replace(config={**item.config, **_adapted(item, file, group)})
        items.append(item)
    return network.replace(items=tuple(items))


def _adapted(item: Item, file: KerasFile, group: str) -> dict[str, object]:
    """What `adapt` found: the tokens without the special ones, and their weights where these count."""
    name = f"{_FOLDER}/{group}/vocabulary.txt"
    if name not in file.vocabularies:
        return {}
    tokens = _tokens(item, file.vocabularies[name])
    if item.config.get("output_mode") in ("tf_idf", "tf-idf"):
        return {"vocabulary": tokens, "idf_weights": _idf_weights(file, group)}
    return {"vocabulary": tokens[_specials(item) :]}


def _tokens(item: Item, text: bytes) -> list[str] | list[int]:
    what = f"the vocabulary of the layer {shown(item.name)}"
    try:
        lines = text.decode("utf-8").removesuffix("\n").replace("\r\n", "\n").split("\n")
        return [int(line) for line in lines] if item.kind == "IntegerLookup" else lines
    except UnicodeDecodeError:
        raise MalformedError(f"{what} is no UTF-8") from None
    except ValueError:
        raise MalformedError(f"{what} has a line that is no integer") from None


def _specials(item: Item) -> int:
    """How many tokens stand in front of the vocabulary's own: the mask where places are the output, and the others."""
    masked = item.kind == "TextVectorization" or item.config.get(_MASKED) is not None
    others = item.config.get(_OTHERS, 1)
    places = item.config.get("output_mode", "int") == "int"
    return int(masked and places) + (others if isinstance(others, int) else 1)


def _idf_weights(file: KerasFile, group: str) -> list[float] | None:
    found = file.weights.get(f"{group}/vars/{IDF_WEIGHTS}") if file.weights is not None else None
    if not isinstance(found, Dataset):
        return None
    from specmodel.files.hdf5.arrays import array_of

    found.require_numbers()
    return [shortest(float(weight)) for weight in array_of(found).ravel()]
