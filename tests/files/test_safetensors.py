"""The index of .safetensors files: by hand after the format's description."""

import io
import json
import struct
from typing import Any

import pytest

from specmodel.diagnostics import SpecError
from specmodel.files.safetensors import TensorEntry, header_for, read_index


def raw(header: bytes, data: bytes = b"") -> bytes:
    return struct.pack("<Q", len(header)) + header + data


def tensor(dtype: str, shape: list[int], start: int, end: int) -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [start, end]}


def of(header: dict[str, Any], data: int = 0) -> bytes:
    return raw(json.dumps(header).encode(), bytes(data))


def index(content: bytes) -> dict[str, TensorEntry]:
    return read_index(io.BytesIO(content), len(content), "w.safetensors")


KERNEL = tensor("F32", [2, 3], 0, 24)


def pair(second: int) -> bytes:
    """Two tensors of four bytes, the second at some offset."""
    return of({"a": tensor("I8", [4], 0, 4), "b": tensor("I8", [4], second, second + 4)}, second + 4)


def crowd(count: int) -> bytes:
    entries = (b'"%d":{"dtype":"I8","shape":[0],"data_offsets":[0,0]}' % number for number in range(count))
    return raw(b"{" + b",".join(entries) + b"}")


def test_the_index_has_types_shapes_and_places() -> None:
    content = of(
        {"__metadata__": {"format": "pt", 'a "quoted" ü': "\n"}, "b": tensor("BF16", [2], 24, 28), "a/k": KERNEL}, 28
    )
    start = len(content) - 28
    assert index(content) == {
        "b": TensorEntry("float32", "BF16", (2,), start + 24, start + 28),
        "a/k": TensorEntry("float32", "F32", (2, 3), start, start + 24),
    }


@pytest.mark.parametrize(
    ("stored", "dtype", "size"),
    [
        ("BOOL", "bool", 1), ("I8", "int8", 1), ("I16", "int16", 2), ("I32", "int32", 4), ("I64", "int64", 8),
        ("U8", "uint8", 1), ("U16", "uint16", 2), ("U32", "uint32", 4), ("U64", "uint64", 8),
        ("F16", "float16", 2), ("F32", "float32", 4), ("F64", "float64", 8), ("BF16", "float32", 2),
    ],
)  # fmt: skip
def test_every_dtype(stored: str, dtype: str, size: int) -> None:
    assert index(of({"x": tensor(stored, [3], 0, 3 * size)}, 3 * size))["x"].dtype == dtype


@pytest.mark.parametrize(
    "content",
    [
        raw(b"{}"),
        raw(b'{ "__metadata__" : { } }   '),
        of({"a": tensor("F32", [], 0, 4)}, 4),
        of({"a": tensor("F32", [0, 5], 0, 0), "b": tensor("F32", [1], 0, 4), "c": tensor("I8", [0], 4, 4)}, 4),
        of({"model.layers.0.mlp.weight": KERNEL}, 24),
        of({"conv/kernel:0": KERNEL}, 24),
    ],
)
def test_good_files(content: bytes) -> None:
    assert set(index(content)) == set(json.loads(content[8 : 8 + content[0]])) - {"__metadata__"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "this is not a .safetensors file: it is empty"),
        (b"PK\x03\x04" + bytes(20), "(a zip archive"),
        (raw(b"[1]"), "this is not a .safetensors file"),
        (raw(b" {}"), "this is not a .safetensors file"),
        (struct.pack("<Q", 2**63) + b"{}", "9,223,372,036,854,775,808 bytes, and 100,000,000 is the limit"),
        (struct.pack("<Q", 50) + b"{}", "its header declares 50 bytes, and there are 2 bytes"),
        (raw(b'{"\xff":1}'), "its header is not UTF-8: byte 11 of the file"),
        (raw(b"{"), "expected a name in double quotes, found its end"),
        (raw(b"{} x"), "expected its end, found `x`"),
        (raw(b"{'a': 1}"), "expected a name in double quotes"),
        (raw(b'{"a": 1}'), "expected `{`, found `1}`"),
        (raw(b'{"a": ' * 5000), "tensor `a` has the key `a`"),
        (raw(b'{"__metadata__": ' + b"{" * 90_000), "expected a name in double quotes"),
        (raw(b'{"a": [' + b"[" * 90_000), "expected `{`"),
        (raw(b'{"__metadata__": {"a": 1}}'), "all of `__metadata__` are texts"),
        (raw(b'{"__metadata__": {"a": "\\x"}}'), "a bad escape"),
        (raw(b'{"__metadata__": {"a": "1", "a": "2"}}'), "`__metadata__` has `a` twice"),
        (raw(b'{"a": {"dtype": "F32", "dtype": "F32"}}'), "tensor `a` has `dtype` twice"),
        (raw(b'{"a": {"dtype": "I8", "shape": [0,], "data_offsets": [0, 0]}}'), "expected a size, found `], "),
        (raw(b'{"a": {"dtype": "I8", "shape": [1.5], "data_offsets": [0, 0]}}'), "expected `,`, found `.5], "),
        (raw(b'{"a": {"dtype": "I8", "shape": [' + b"1," * 200 + b"1]}}"), "a list of more than 100 numbers"),
        (raw(b'{"a": {"dtype": "I8", "data_offsets": [0, ' + b"9" * 40 + b"]}}"), "a number of 40 digits"),
        (raw(b'{"a": {}}'), "tensor `a` lacks `dtype` and `shape` and `data_offsets`"),
        (of({"a": {**KERNEL, "x": 1}}, 24), "tensor `a` has the key `x`"),
        (raw(json.dumps({"a": KERNEL})[:-1].encode() + b', "a": {}}', bytes(24)), "the header has `a` twice"),
        (of({"../a": KERNEL}, 24), "tensor `../a` has a name that arrays cannot have"),
        (of({"": KERNEL}, 24), "tensor `` has a name that arrays cannot have"),
        (of({"a\u202e": KERNEL}, 24), "tensor `a\N{REPLACEMENT CHARACTER}` has a name that arrays cannot have"),
        (of({"a": tensor("F8_E4M3", [1], 0, 1)}, 1), "is of dtype `F8_E4M3`; those read are BF16, BOOL, F16"),
        (of({"a": tensor("I8", [-1], 0, 1)}, 1), "`-1` where a size is expected: it is below zero"),
        (of({"a": tensor("I8", [2**31], 0, 1)}, 1), "tensor `a`: an axis of size `2147483648`"),
        (of({"a": tensor("I8", [2**31 - 1] * 3, 0, 1)}, 1), "is larger than any memory"),
        (of({"a": tensor("I8", [1] * 9, 0, 1)}, 1), "tensor `a`: the array has 9 axes"),
        (of({"a": tensor("F32", [2, 3], 0, 20)}, 20), "(2, 3) of F32 takes 24 bytes, its `data_offsets` are [0, 20]"),
        (of({"a": tensor("F32", [2, 3], 24, 0)}, 24), "contradicts itself"),
        (of({"a": {**KERNEL, "data_offsets": [24]}}, 24), "contradicts itself"),
        (of({"a": KERNEL}, 23), "cut short: its tensors end at byte"),
        (of({"a": KERNEL}, 25), "longer than it says: its tensors end at byte"),
        (of({"a": tensor("I8", [4], 4, 8)}, 8), "a gap between the header and tensor `a`"),
        (pair(2), "an overlap between tensor `a` and tensor `b`"),
        (pair(5), "a gap between tensor `a` and tensor `b`"),
        (crowd(100_001), "the header has more than 100,000 entries"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_not_right_is_said(content: bytes, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        index(content)
    [diagnostic] = caught.value.diagnostics
    assert (diagnostic.code, diagnostic.path) == ("E401", "w.safetensors")
    assert message in diagnostic.message


def test_a_written_header_is_json_aligned_and_read_again() -> None:
    tensors = {"b": ("int8", (3,)), "a/k": ("float32", (2, 3)), "c": ("float64", ()), "d": ("bool", (0,))}
    header = header_for(tensors)
    assert len(header) % 8 == 0
    assert list(json.loads(header[8:])) == ["c", "a/k", "b", "d"]
    entries = index(header + bytes(35))
    assert {name: (entry.dtype, entry.shape) for name, entry in entries.items()} == tensors
    assert header_for(dict(reversed(tensors.items()))) == header
