"""Make Magika's input from any files: `python features.py FILE... -o input.npy`.

A row holds 1,024 bytes from the front of a file and 1,024 from its end, as numbers from 0 to 255.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

BLOCK = 4096
"""How many bytes are read at either end, white space included."""
PART = 1024
"""How many of them the network sees."""
PADDING = 256
"""Stands where there is no byte."""
FEWEST = 8
"""With fewer bytes than that Magika does not ask its network."""


class TooShortError(Exception):
    """A file has too few bytes for the network to tell its type."""


def features(front: bytes, end: bytes) -> npt.NDArray[np.int32]:
    """The 2,048 numbers for the first and the last bytes of a file, at most `BLOCK` of each.

    White space is taken off in front of the front and behind the end. What is missing is padded on the other side:
    behind the front and in front of the end. Raises `TooShortError`.
    """
    front, end = front.lstrip()[:PART], end.rstrip()[-PART:]
    if len(front) < FEWEST:
        raise TooShortError
    row = np.full(2 * PART, PADDING, np.int32)
    row[: len(front)] = list(front)
    row[len(row) - len(end) :] = list(end)
    return row


def features_of(path: Path) -> npt.NDArray[np.int32]:
    """The 2,048 numbers for a file; a small one is its own front and its own end. Raises `OSError`, `TooShortError`."""
    if path.exists() and not path.is_file():
        raise OSError(None, "not a file")
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(0)
        front = file.read(BLOCK)
        file.seek(max(0, size - BLOCK))
        return features(front, file.read(BLOCK))


def table_of(paths: Sequence[Path]) -> npt.NDArray[np.int32]:
    """A row for each file; ends the program with a message if one cannot be used."""
    rows = []
    for path in paths:
        try:
            rows.append(features_of(path))
        except OSError as error:
            sys.exit(f"{path}: {error.strerror}")
        except TooShortError:
            sys.exit(f"{path}: fewer than {FEWEST} bytes besides white space, too few to tell a type")
    return np.stack(rows)


def main() -> None:
    """Read the files, write the array."""
    parser = argparse.ArgumentParser(description="Make Magika's input from any files.")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("-o", "--output", required=True, type=Path, metavar="NPY", help="the .npy file to write")
    arguments = parser.parse_args()
    if arguments.output.resolve() in [path.resolve() for path in arguments.files]:
        parser.error(f"the output {arguments.output} is one of the files")
    table = table_of(arguments.files)
    try:
        with arguments.output.open("wb") as file:
            np.save(file, table)
    except OSError as error:
        sys.exit(f"{arguments.output}: {error.strerror}")


if __name__ == "__main__":
    main()
