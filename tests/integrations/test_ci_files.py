"""The files that users copy: valid by the schemas that check-jsonschema ships, and their scripts do what they say."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
BLOCKS = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "integrations.md").read_text(), re.DOTALL)
needs_bash = pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")


def valid(schema: str, file: Path) -> None:
    pytest.importorskip("check_jsonschema", reason="check-jsonschema is not installed")
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_action_is_valid() -> None:
    valid("vendor.github-actions", ROOT / "action.yml")


@pytest.mark.parametrize("block", [block for block in BLOCKS if "\non:" in block])
def test_the_workflows_are_valid(block: str, tmp_path: Path) -> None:
    (tmp_path / "workflow.yml").write_text(block)
    valid("vendor.github-workflows", tmp_path / "workflow.yml")


@pytest.mark.parametrize("block", [block for block in BLOCKS if "script:" in block])
def test_the_gitlab_job_is_valid(block: str, tmp_path: Path) -> None:
    (tmp_path / ".gitlab-ci.yml").write_text(block)
    valid("vendor.gitlab-ci", tmp_path / ".gitlab-ci.yml")


@pytest.mark.parametrize("block", [block for block in BLOCKS if block.startswith("repos:")])
def test_the_hooks_are_those_of_the_repository(block: str) -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    (repo,) = yaml.safe_load(block)["repos"]
    assert {hook["id"] for hook in repo["hooks"]} <= {hook["id"] for hook in hooks}


def step(name: str, folder: Path, **inputs: str) -> "subprocess.CompletedProcess[str]":
    """Run a step of the action as the runner does, with `specmodel` on the path."""
    (found,) = [step for step in ACTION["runs"]["steps"] if step.get("name") == name]
    given = {key: value["default"] for key, value in ACTION["inputs"].items()} | inputs
    variables = {
        key: re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda use: given[use[1]], text)
        for key, text in found["env"].items()
    }
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, **variables, "PATH": path, "GITHUB_ACTIONS": "true"}
    command = ["bash", "-eo", "pipefail", "-c", found["run"]]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@needs_bash
def test_the_action_checks_and_annotates(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text("inputs: [4]\nlayers:\n  - Dense: 3\n")
    assert step("Check specs", tmp_path).returncode == 0
    assert step("Check their style", tmp_path).returncode == 0
    (tmp_path / "bad one.yaml").write_text("layers: [{Dens: 3}]\n")
    done = step("Check specs", tmp_path, paths="good.yaml\nbad one.yaml\n")
    assert done.returncode == 1
    assert "::error " in done.stdout
    assert "file=bad one.yaml" in done.stdout
    assert step("Check their style", tmp_path).returncode == 1


@needs_bash
def test_inputs_are_never_code(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text("inputs: [4]\nlayers:\n  - Dense: 3\n")
    step("Check specs", tmp_path, paths="good.yaml\n$(touch made)\n`touch made`; touch made\n--output=made\n")
    assert not (tmp_path / "made").exists()
