"""Name the types of files with Magika: `python demo.py [FILE...]`; without files, those of the ten recorded inputs."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from features import table_of

HERE = Path(__file__).resolve().parent


def odds_of(rows: Path) -> npt.NDArray[np.float32]:
    """The odds of each type for each row of an input file, as `specmodel run` gives them."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "odds.npy"
        arguments = ["run", str(HERE / "magika.yaml"), str(rows), "-o", str(output), "--quiet"]
        status = subprocess.run([sys.executable, "-m", "specmodel", *arguments], check=False).returncode
        if status != 0:
            sys.exit(status)
        return np.load(output)  # type: ignore[no-any-return]


def odds_of_files(paths: Sequence[Path]) -> npt.NDArray[np.float32]:
    """The odds of each type for each file."""
    table = table_of(paths)
    with tempfile.TemporaryDirectory() as folder:
        rows = Path(folder) / "input.npy"
        np.save(rows, table)
        return odds_of(rows)


def main() -> None:
    """Print a line for each file: its name, the likeliest type, the odds."""
    recorded = json.loads((HERE / "labels.json").read_text(encoding="utf-8"))
    paths = [Path(name) for name in sys.argv[1:]]
    odds = odds_of_files(paths) if paths else odds_of(HERE / "input.npy")
    names = [str(path) for path in paths] or recorded["files"]
    types = [recorded["labels"][best] for best in odds.argmax(axis=1)]
    wide, narrow = (max(map(len, column)) for column in ([*names, "file"], [*types, "type"]))
    print(f"{'file':{wide}}  {'type':{narrow}}   odds")
    for name, kind, likeliest in zip(names, types, odds.max(axis=1), strict=True):
        print(f"{name:{wide}}  {kind:{narrow}}  {likeliest:.3f}")


if __name__ == "__main__":
    main()
