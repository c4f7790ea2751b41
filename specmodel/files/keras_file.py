"""Files that Keras saves: .keras archives, .h5 of whole models and of weights alone, configs in JSON.

Told apart by their first bytes. No NumPy; nothing in them is unpickled or executed.
"""

import mmap
import os
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, BinaryIO

from specmodel.diagnostics import codes
from specmodel.files.archive import DEFLATED, Member, read_members, unpacked
from specmodel.files.hdf5 import Group, open_hdf5
from specmodel.files.hdf5.tree import SIGNATURE
from specmodel.files.json_text import LARGEST, parse_json
from specmodel.files.malformed import MalformedError, counted, located, shown
from specmodel.files.npz import refuse_bomb, within
from specmodel.files.regular import AnyPath, open_regular
from specmodel.record import Record

CONFIG, METADATA, WEIGHTS = "config.json", "metadata.json", "model.weights.h5"
_VOCABULARY = "/vocabulary.txt"
_PICKLED = "model.weights.npz"
_MOST_UNPACKED = 8 << 30
_CONFIG_ATTRIBUTE = "model_config"
_WEIGHTS_GROUP = "model_weights"
_LAYER_NAMES = "layer_names"


class KerasFile(Record):
    """What a file holds.

    `config` is the model's, None where there are weights alone; `weights` is the group they stand in, None where there
    are none. `older` tells that Keras 2 wrote the config, `by_name` that the weights stand below the layers' names
    (Keras 2) rather than their classes (Keras 3). `vocabularies` are what look-ups keep in files of the archive.
    """

    config: Any
    weights: Group | None
    older: bool
    by_name: bool
    version: str
    vocabularies: Mapping[str, bytes] = MappingProxyType({})


def read_keras_file(path: AnyPath, *, with_weights: bool = True, code: str = codes.NO_MODEL) -> KerasFile:
    """Read a file as far as its headers; SpecError of the given code on the path.

    Without weights an archive's are not looked at.
    """
    file, size = open_regular(path, code)
    with file, located(os.fspath(path), code):
        first = file.read(8)
        if first.startswith(b"PK"):
            return _archive(file, size, with_weights)
        if first == SIGNATURE:
            return _hdf5(open_hdf5(_mapped(file, size)))
        return _json(file, first, size)


def _json(file: BinaryIO, first: bytes, size: int) -> KerasFile:
    start = first.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start.startswith((b"{", b"[", b'"')):
        from specmodel.files.signature import LENGTH, described

        file.seek(0)
        found = described(file.read(LENGTH))
        help = "`specmodel import` reads .keras, .h5 and .hdf5 files, and the JSON of `model.to_json()`"
        raise MalformedError(f"this is no model of Keras: {found}", help)
    if size > LARGEST:
        raise MalformedError(f"it has {counted(size, 'byte')}, and {LARGEST:,} is the limit", None, codes.TOO_LARGE)
    file.seek(0)
    config = parse_json(file.read(LARGEST + 1), "the file")
    if isinstance(config, str):  # the text of `to_json()`, written once more as JSON
        config = parse_json(config.encode("utf-8", "surrogatepass"), "the text in the file")
    version = config.get("keras_version", "") if isinstance(config, dict) else ""
    return KerasFile(config, None, _is_older(config, str(version)), False, str(version))


def _hdf5(root: Group) -> KerasFile:
    written, version = root.attributes.get(_CONFIG_ATTRIBUTE), root.attributes.get("keras_version")
    config = None
    if written is not None:
        if not isinstance(written, str):
            raise MalformedError(f"its attribute `{_CONFIG_ATTRIBUTE}` is not a text")
        config = parse_json(written.encode("utf-8", "surrogatepass"), f"its attribute `{_CONFIG_ATTRIBUTE}`")
    weights = root.group(_WEIGHTS_GROUP) if _WEIGHTS_GROUP in root else root if config is None else None
    by_name = weights is not None and any(name.startswith(_LAYER_NAMES) for name in weights.attributes)
    if weights is not None and not version:
        version = weights.attributes.get("keras_version")
    text = version if isinstance(version, str) else ""
    return KerasFile(config, weights, _is_older(config, text), by_name, text)


def _archive(file: BinaryIO, size: int, with_weights: bool) -> KerasFile:
    members: dict[str, Member] = {}
    for member in read_members(file, size, "a .keras file"):
        parts = member.name.split("/")
        if (
            not member.name.isprintable()
            or "\\" in member.name
            or ".." in parts
            or "" in parts[:-1]
            or ":" in member.name
        ):
            raise MalformedError(f"member {shown(member.name)} has a name that leads out of the archive")
        if member.name in members:
            raise MalformedError(f"there are two members of the name {shown(member.name)}")
        members[member.name] = member
    if CONFIG not in members:
        raise MalformedError(f"the archive has no `{CONFIG}`: it is no .keras file")
    config = parse_json(_small(file, members[CONFIG]), f"member `{CONFIG}`")
    version = ""
    if METADATA in members:
        metadata = parse_json(_small(file, members[METADATA]), f"member `{METADATA}`")
        version = str(metadata.get("keras_version", "")) if isinstance(metadata, dict) else ""
    weights = _weights(file, size, members) if with_weights else None
    return KerasFile(config, weights, _is_older(config, version), False, version, _vocabularies(file, members))


def _weights(file: BinaryIO, size: int, members: Mapping[str, Member]) -> Group | None:
    if WEIGHTS in members:
        with within(members[WEIGHTS]):
            return open_hdf5(_whole(file, _mapped(file, size), members[WEIGHTS]))
    if _PICKLED in members:
        help = "save the model again with `model.save(path)`, which writes its weights as HDF5"
        raise MalformedError(f"its weights are in `{_PICKLED}`, which holds pickles, and these can run code", help)
    return None


def _vocabularies(file: BinaryIO, members: Mapping[str, Member]) -> dict[str, bytes]:
    kept = [member for name, member in members.items() if name.endswith(_VOCABULARY)]
    size = sum(member.size for member in kept)
    if size > LARGEST:
        message = f"its vocabularies have {counted(size, 'byte')}, and {LARGEST:,} is the limit"
        raise MalformedError(message, None, codes.TOO_LARGE)
    return {member.name: _small(file, member) for member in kept}


def _small(file: BinaryIO, member: Member) -> bytes:
    """The bytes of a member that is text."""
    if member.size > LARGEST:
        found = counted(member.size, "byte")
        message = f"member {shown(member.name)} has {found}, and {LARGEST:,} is the limit"
        raise MalformedError(message, None, codes.TOO_LARGE)
    with within(member):
        refuse_bomb(member.size, member.packed)
        return b"".join(unpacked(file, member))


def _whole(file: BinaryIO, buffer: memoryview, member: Member) -> memoryview:
    """The bytes of a member: where they are, or unpacked into memory."""
    if member.method != DEFLATED:
        for _ in unpacked(file, member):
            pass  # the checksum
        return buffer[member.start : member.start + member.size]
    refuse_bomb(member.size, member.packed)
    if member.size > _MOST_UNPACKED:
        raise MalformedError(f"it unpacks to {counted(member.size, 'byte')}, and the limit is {_MOST_UNPACKED:,}")
    data = bytearray()
    for block in unpacked(file, member):
        data += block
    return memoryview(data).toreadonly()


def _mapped(file: BinaryIO, size: int) -> memoryview:
    if size == 0:
        raise MalformedError("it is empty")
    try:
        return memoryview(mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ))
    except ValueError:
        raise MalformedError("the file was cut short while it was read") from None


def _is_older(config: Any, version: str) -> bool:
    """Whether Keras 2 wrote a config: by its version, or without one, as its layers do not name their module."""
    major = version.partition(".")[0]
    if major.isascii() and major.isdecimal():
        return int(major) < 3 if len(major) < 4 else False
    inner = config.get("config", config) if isinstance(config, dict) else config
    layers = inner.get("layers") if isinstance(inner, dict) else inner
    first = layers[0] if isinstance(layers, list) and layers else None
    return isinstance(first, dict) and "module" not in first
