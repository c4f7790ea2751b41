"""How INPUTs are written, and which array goes to which input."""

import io

import numpy as np
import pytest

from specmodel.data.fit import casts
from specmodel.data.sources import Given, Resumed, read_given
from specmodel.types.tensor import DTYPES


@pytest.mark.parametrize(
    ("text", "name", "file"),
    [
        ("x.npy", None, "x.npy"),
        ("-", None, "-"),
        ("image=x.npy", "image", "x.npy"),
        ("image=-", "image", "-"),
        ("image=a=b.npy", "image", "a=b.npy"),
        ("./a=b.npy", None, "./a=b.npy"),
        ("/a=b/x.npy", None, "/a=b/x.npy"),
        ("folder/a=b.npy", None, "folder/a=b.npy"),
        ("=x.npy", None, "=x.npy"),
        ("image=", None, "image="),
        ("a\n=x", None, "a\n=x"),
    ],
)
def test_an_input_has_a_name_where_one_stands_before_the_equals_sign(text: str, name: str | None, file: str) -> None:
    assert read_given(text) == Given(name, file)


def test_a_resumed_stream_gives_what_was_read_and_what_follows() -> None:
    rest = io.BytesIO(b"defgh")
    stream = Resumed(b"abc", rest)
    assert [stream.read(2), stream.read(2), stream.read(2), stream.read(9), stream.read(1)] == [
        b"ab", b"c", b"de", b"fgh", b"",
    ]  # fmt: skip


INTEGERS = [name for name, dtype in DTYPES.items() if dtype.is_integer]
FLOATS = [name for name, dtype in DTYPES.items() if dtype.is_floating]


def test_what_is_cast_to_what() -> None:
    allowed = {
        **{name: {*FLOATS, *INTEGERS, "bool"} for name in FLOATS},
        **{name: {*INTEGERS, "bool"} for name in INTEGERS},
        "bool": {"bool"},
        "string": {"string"},
    }
    for wanted in DTYPES:
        assert {found for found in DTYPES if casts(found, wanted)} == allowed[wanted]


def test_whatever_is_cast_numpy_can_cast() -> None:
    for found in DTYPES.keys() - {"bfloat16", "string"}:
        for wanted in DTYPES.keys() - {"bfloat16", "string"}:
            if casts(found, wanted):
                assert np.ones(1, found).astype(wanted) == 1
