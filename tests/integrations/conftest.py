"""Programs that are not Python: found on the machine, or installed into pytest's cache."""

import shutil
import subprocess
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def node_modules(request: pytest.FixtureRequest) -> Path:
    """A folder of npm packages with yaml-language-server in it."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not installed: the schema is not tried in an editor")
    assert request.config.cache is not None
    folder = request.config.cache.mkdir("node")
    if not (folder / "node_modules" / "yaml-language-server").is_dir():
        command = [npm, "install", "--prefix", str(folder), "--no-audit", "--no-fund", "yaml-language-server"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"yaml-language-server cannot be installed: {done.stderr.strip()[-200:]}")
    return folder / "node_modules"
