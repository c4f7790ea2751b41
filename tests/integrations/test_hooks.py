"""The hooks, run by the real pre-commit from a clone of this repository."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GOOD = "inputs: [4]\nlayers:\n  - Dense: 3\n"

pytestmark = [
    pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed"),
    pytest.mark.skipif(not (ROOT / ".git").exists(), reason="this is no clone: pre-commit takes hooks from one"),
]


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=n", "-c", "user.email=e@example.org")
    done = subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pre-commit keeps the environment that it makes for the hooks."""
    return tmp_path_factory.mktemp("pre-commit")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Somebody's repository that uses the hooks."""
    git(tmp_path, "init", "-q")
    hooks = "".join(f"      - id: {name}\n" for name in ("specmodel-check", "specmodel-fmt"))
    config = f"repos:\n  - repo: {ROOT}\n    rev: {git(ROOT, 'rev-parse', 'HEAD')}\n    hooks:\n{hooks}"
    (tmp_path / ".pre-commit-config.yaml").write_text(config)
    (tmp_path / "specs").mkdir()
    (tmp_path / "other.yaml").write_text("no: spec\n")
    return tmp_path


def run(project: Path, home: Path) -> "subprocess.CompletedProcess[str]":
    git(project, "add", ".")
    pre_commit = pytest.importorskip("pre_commit", reason="pre-commit is not installed")
    assert pre_commit
    import os
    import sys

    environment = {**os.environ, "PRE_COMMIT_HOME": str(home)}
    environment.pop("PYTHONPATH", None)
    command = [sys.executable, "-m", "pre_commit", "run", "--all-files"]
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)


def test_good_specs_pass(project: Path, home: Path) -> None:
    (project / "specs" / "good.yaml").write_text(GOOD)
    done = run(project, home)
    assert (done.returncode, done.stdout.count("Passed")) == (0, 2), done.stdout + done.stderr


def test_a_wrong_spec_fails_with_its_diagnostic(project: Path, home: Path) -> None:
    (project / "specs" / "bad.yaml").write_text(GOOD.replace("Dense", "Dens"))
    done = run(project, home)
    assert done.returncode == 1
    assert "specs/bad.yaml:3:5: error[E206] unknown layer `Dens`" in done.stdout


def test_a_spec_in_another_style_is_rewritten(project: Path, home: Path) -> None:
    (project / "specs" / "ugly.yaml").write_text("layers: [{Dense: 3}]\ninputs: [4]\n")
    done = run(project, home)
    assert done.returncode == 1
    assert "files were modified by this hook" in done.stdout
    assert (project / "specs" / "ugly.yaml").read_text() == GOOD
