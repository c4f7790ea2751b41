"""Which names arrays may have: they become archive members, dictionary keys and markup."""

import re

SEGMENT = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}"
MOST_SEGMENTS = 64
NAME_RULE = (
    "a name is made of letters, digits and `_ . -`, starts with a letter, digit or `_`, has no `..`, and is at most "
    "128 characters long; `/` joins names to a path"
)

_PATH = re.compile(rf"{SEGMENT}(?:/{SEGMENT}){{0,{MOST_SEGMENTS - 1}}}")

_VARIABLE = re.compile(r":[0-9]{1,3}\Z")


def is_array_name(text: str) -> bool:
    """Whether it is a name or a path of names, such as `image` or `encoder/dense/kernel`."""
    return _PATH.fullmatch(text) is not None and ".." not in text


def is_stored_name(text: str) -> bool:
    """Whether a file may hold an array of this name: TensorFlow's `dense/kernel:0` is read, but never written."""
    return is_array_name(_VARIABLE.sub("", text))
