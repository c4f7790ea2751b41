"""Tensors in several .safetensors files, as an index beside them tells (`model.safetensors.index.json`). No NumPy.

Source: the index is what Hugging Face's libraries write for large models: `weight_map` leads names to files.
"""

import os
from pathlib import Path
from typing import Any

from specmodel.diagnostics import codes
from specmodel.files.json_text import LARGEST, parse_json
from specmodel.files.malformed import MalformedError, counted, located, shown
from specmodel.files.names import NAME_RULE, is_stored_name
from specmodel.files.regular import AnyPath, open_regular
from specmodel.files.safetensors import TensorEntry, read_index

SUFFIX = ".safetensors.index.json"
_MOST_SHARDS = 2_000
_MAP = "weight_map"


def read_shards(path: AnyPath, *, code: str = codes.WEIGHTS_FILE) -> dict[str, Path]:
    """The file of each tensor by its name. The files stand beside the index, and nowhere else.

    SpecError of the given code.
    """
    file, size = open_regular(path, code)
    with file, located(os.fspath(path), code):
        if size > LARGEST:
            raise MalformedError(f"an index of {counted(size, 'byte')}; at most {LARGEST:,} are read")
        shards = _shards(parse_json(file.read(LARGEST + 1), "the index"))
        folder = Path(os.path.realpath(path)).parent
        beside = Path(path).parent
        for shard in dict.fromkeys(shards.values()):
            if not Path(os.path.realpath(beside / shard)).is_relative_to(folder):
                raise MalformedError(f"the index names {shown(shard)}, which lies outside of its folder")
        return {name: beside / shard for name, shard in shards.items()}


def read_sharded_index(path: AnyPath, *, code: str = codes.WEIGHTS_FILE) -> dict[str, TensorEntry]:
    """The tensors that an index names, from the headers of their files. SpecError of the given code."""
    shards = read_shards(path, code=code)
    headers: dict[Path, dict[str, TensorEntry]] = {}
    for shard in dict.fromkeys(shards.values()):
        file, size = open_regular(shard, code)
        with file:
            headers[shard] = read_index(file, size, os.fspath(shard), code=code)
    with located(os.fspath(path), code):
        for name, shard in shards.items():
            if name not in headers[shard]:
                raise MalformedError(
                    f"the index looks for {shown(name)} in {shown(shard.name)}, which has no such tensor"
                )
    return {name: headers[shard][name] for name, shard in shards.items()}


def _shards(index: Any) -> dict[str, str]:
    shards = index.get(_MAP) if isinstance(index, dict) else None
    if not isinstance(shards, dict) or not shards:
        raise MalformedError(
            f"an index has a mapping `{_MAP}` of names to files", "is it the index of a sharded model?"
        )
    for name, shard in shards.items():
        if not is_stored_name(name):
            raise MalformedError(f"tensor {shown(name)} has a name that arrays cannot have", NAME_RULE)
        if not isinstance(shard, str) or not shard.endswith(".safetensors") or os.path.basename(shard) != shard:
            raise MalformedError(f"the index names {shown(str(shard))}, which is no .safetensors file beside it")
    if len(set(shards.values())) > _MOST_SHARDS:
        raise MalformedError(f"the index names more than {_MOST_SHARDS:,} files")
    return shards
