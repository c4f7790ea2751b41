"""What `--max-memory` takes."""

from typing import Any

import click
import pytest

from specmodel.cli.limits import memory_size

CONTEXT: Any = None


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("1", 1), ("4096", 4096), ("2k", 2048), ("512MiB", 512 << 20), ("4G", 4 << 30), ("1.5 GB", 3 << 29),
        ("0.5t", 1 << 39), ("3b", 3),
    ],
)  # fmt: skip
def test_sizes_count_in_steps_of_1024(text: str, size: int) -> None:
    assert memory_size(CONTEXT, CONTEXT, text) == size


@pytest.mark.parametrize("text", ["", "0", "-1", "G", "4X", "1e9", "4 4", "nan", "0.1"])
def test_other_texts_are_wrong_usage(text: str) -> None:
    with pytest.raises(click.BadParameter):
        memory_size(CONTEXT, CONTEXT, text)


def test_without_the_option_there_is_no_limit() -> None:
    assert memory_size(CONTEXT, CONTEXT, None) is None
