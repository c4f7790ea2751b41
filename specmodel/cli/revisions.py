"""Specs of another commit: `REV:path`, as git names files."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from specmodel.cli.options import Opening, open_argument
from specmodel.diagnostics import SpecError, codes
from specmodel.diagnostics.diagnostic import failure
from specmodel.model.opening import Opened, open_source
from specmodel.yaml import MAX_BYTES, decode_source

_BESIDE = (".yaml", ".yml", ".txt")
"""Files that a spec may name in its folder and that are needed to open it."""
_MOST_FILES = 2_000


@contextmanager
def opened_argument(argument: str, opening: Opening) -> Iterator[Opened]:
    """The spec that an argument names: a file, `-`, or one of another commit, `REV:path`.

    Of another commit, the texts in the spec's folder are laid out in a temporary folder while the block lasts.
    """
    if argument == "-" or ":" not in argument or os.path.exists(argument):
        yield open_argument(argument, opening)
        return
    import tempfile

    with tempfile.TemporaryDirectory(prefix="specmodel-") as folder:
        yield _opened(argument, opening, Path(folder))


def _opened(argument: str, opening: Opening, folder: Path) -> Opened:
    revision, _, written = argument.partition(":")
    if not revision or revision.startswith("-"):
        raise _failed(argument, f"`{revision}` is no name of a commit")
    path = _from_top(written, argument)
    commit = _git(argument, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}").decode().strip()
    text = _blob(argument, f"{commit}:{path}")
    for name in _beside(argument, commit, path.parent):
        target = folder / name.relative_to(path.parent)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(_blob(argument, f"{commit}:{name}"))
    return open_source(decode_source(argument, text), folder, None, opening.choice)


def _from_top(written: str, argument: str) -> PurePosixPath:
    """The path from the top of the repository; one that begins with a dot starts here, as git has it."""
    path = written.replace(os.sep, "/")
    if path.startswith(("./", "../")):
        path = os.path.normpath(_git(argument, "rev-parse", "--show-prefix").decode().strip() + path)
    if path.startswith(("/", "../")) or not path:
        raise _failed(argument, f"`{written}` is no path inside the repository")
    return PurePosixPath(path)


def _beside(argument: str, commit: str, folder: PurePosixPath) -> list[PurePosixPath]:
    """The texts in the spec's folder and below: regular files of bearable size, the first thousands."""
    command = ["ls-tree", "-r", "-z", "--long", "--full-tree", commit]
    listed = _git(argument, *command, *([f"{folder}/"] if str(folder) != "." else []))
    found = []
    for line in listed.split(b"\0")[:-1]:
        about, _, name = line.partition(b"\t")
        mode, _, _, size = about.split()
        path = PurePosixPath(os.fsdecode(name))
        if mode.startswith(b"100") and path.suffix in _BESIDE and int(size) <= MAX_BYTES:
            found.append(path)
    return found[:_MOST_FILES]


def _blob(argument: str, name: str) -> bytes:
    return _git(argument, "cat-file", "blob", name)


def _git(argument: str, *command: str) -> bytes:
    try:
        done = subprocess.run(["git", *command], capture_output=True, check=False, stdin=subprocess.DEVNULL)
    except OSError:
        raise _failed(argument, "`REV:path` takes git, which is not installed") from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().removeprefix("fatal: ")
        raise _failed(argument, f"git finds no such file: {said}" if said else "git knows no such commit")
    return done.stdout


def _failed(argument: str, message: str) -> SpecError:
    help = "as git writes it: `HEAD~1:specs/model.yaml`, from the top of the repository"
    return failure(codes.UNREADABLE_FILE, message, place=argument, help=help)
