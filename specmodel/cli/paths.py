"""The specs that arguments of a command name."""

from pathlib import Path


def specs_below(folder: Path) -> list[Path]:
    """The specs in a folder and the folders in it, hidden ones left out, sorted by path."""
    import os

    files = []
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        files += [Path(parent, name) for name in sorted(names) if name.endswith((".yaml", ".yml"))]
    return [file for file in files if _is_spec(file)]


def _is_spec(file: Path) -> bool:
    """Whether a YAML file has the key `layers` at its top, told from its text: it may be broken YAML."""
    import re

    try:
        if not file.is_file():
            return False
        with file.open("rb") as stream:
            start = stream.read(8 * 2**20 + 1)
    except OSError:
        return True
    return re.search(rb"""(?m)^(\xef\xbb\xbf)?(\{\s*)?["']?layers["']?\s*:""", start) is not None
