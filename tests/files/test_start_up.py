"""What `check` reads of array files must not cost it NumPy or other heavy modules."""

import subprocess
import sys

import pytest

HEADER_PARTS = ["regular", "npy", "npz", "safetensors", "output"]


@pytest.mark.parametrize("module", ["numpy", "zipfile", "json", "dataclasses", "tempfile"])
def test_header_parts_do_not_import(module: str) -> None:
    imports = ", ".join(f"specmodel.files.{part}" for part in HEADER_PARTS)
    code = f"import {imports}, sys; print({module!r} in sys.modules)"
    found = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"
