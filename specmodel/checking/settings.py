"""The configuration: `specmodel.toml`, or `[tool.specmodel]` in pyproject.toml."""

import os
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from specmodel.checking.selection import Selection, can_be_silenced
from specmodel.diagnostics import Diagnostics, codes, did_you_mean
from specmodel.diagnostics.diagnostic import type_of_code
from specmodel.files.regular import open_regular
from specmodel.record import Record
from specmodel.report import FORMS
from specmodel.text import SourceFile, Span

OWN_FILE, SHARED_FILE = "specmodel.toml", "pyproject.toml"
"""Of two files in one folder the first is read."""
MAX_BYTES = 1 << 20
SEVERITIES = tuple(type_of_code.values())

# Whether a pyproject.toml may hold our table: parsing it needs a module that most runs do without.
_MAY_BE_OURS = re.compile(rb"""(?m)^\s*\[?\s*["']?tool["']?\s*(?:\]|=|\.\s*["']?specmodel)""")


class Settings(Record):
    """What a configuration says. `folder` is where it stands: its patterns and its root start there."""

    folder: Path = Path()
    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] = ()
    severity: Mapping[str, Any] = {}
    per_file_ignores: Mapping[str, tuple[str, ...]] = {}
    exclude: tuple[str, ...] = ()
    root: str | None = None
    all_presets: bool = False
    max_warnings: int | None = None
    format: str | None = None

    def excludes(self, path: Path) -> bool:
        """Whether a file or folder is passed over when folders and patterns are written out."""
        return any(self._matches(pattern, path) for pattern in self.exclude)

    def selection(self, path: Path) -> Selection:
        """What is wanted of a file."""
        own = [
            code for pattern, listed in self.per_file_ignores.items() if self._matches(pattern, path) for code in listed
        ]
        return Selection(self.select, (*self.ignore, *own), self.severity)

    def _matches(self, pattern: str, path: Path) -> bool:
        """Whether a pattern names a path: its name, or its way from the configuration's folder."""
        from fnmatch import fnmatchcase

        if fnmatchcase(path.name, pattern):
            return True
        try:
            way = Path(os.path.abspath(path)).relative_to(os.path.abspath(self.folder)).as_posix()
        except ValueError:
            return False
        return fnmatchcase(way, pattern.rstrip("/")) or way.startswith(f"{pattern.rstrip('/')}/")


class Configurations:
    """Finds the configuration of each file: the nearest one in its folder and those above, up to the repository's root.

    `only` is read instead of all that could be found.
    """

    def __init__(self, only: "Settings | None" = None) -> None:
        self._only = only
        self._known: dict[Path, Settings | None] = {}

    def of(self, folder: Path) -> Settings:
        """The configuration for the files in a folder. Raises `SpecError` (E007) for one that is wrong."""
        if self._only is not None:
            return self._only
        return self._above(Path(os.path.abspath(folder))) or Settings()

    def _above(self, folder: Path) -> Settings | None:
        if folder not in self._known:
            found = _own(folder)
            if found is None and folder != folder.parent and not os.path.lexists(folder / ".git"):
                found = self._above(folder.parent)
            self._known[folder] = found
        return self._known[folder]


def _own(folder: Path) -> Settings | None:
    """The configuration that stands in a folder itself."""
    if os.path.exists(folder / OWN_FILE):
        return read_settings(folder / OWN_FILE)
    if os.path.exists(folder / SHARED_FILE):
        return read_settings(folder / SHARED_FILE)
    return None


def read_settings(path: Path) -> Settings | None:
    """What a file says; None for a pyproject.toml that says nothing of specmodel. Raises `SpecError` (E007)."""
    shown = os.path.relpath(path)
    file, _ = open_regular(path, codes.CONFIGURATION)
    with file:
        data = file.read(MAX_BYTES + 1)
    if path.name == SHARED_FILE and _MAY_BE_OURS.search(data) is None:
        return None
    found = Diagnostics()
    table = _parsed(shown, data, found)
    text = data.decode(errors="replace")
    if table is not None and path.name == SHARED_FILE:
        table = table.get("tool", {}).get("specmodel") if isinstance(table.get("tool"), dict) else None
        if table is None and not found.failed:
            return None
    if not isinstance(table, dict):
        found.raise_errors()
        found.add(codes.CONFIGURATION, f"`tool.specmodel` must be a table, found {_shown(table)}", place=shown)
        table = {}
    settings = _Reader(SourceFile(shown, text), found).settings(table, path.parent)
    found.raise_errors()
    return settings


def _parsed(shown: str, data: bytes, found: Diagnostics) -> dict[str, Any] | None:
    import tomllib

    if len(data) > MAX_BYTES:
        found.add(codes.CONFIGURATION, f"more than {MAX_BYTES:,} bytes are too many for a configuration", place=shown)
        return None
    try:
        return tomllib.loads(data.decode())
    except UnicodeDecodeError:
        found.add(codes.CONFIGURATION, "this is not UTF-8", place=shown, help="save the file as UTF-8")
    except tomllib.TOMLDecodeError as error:
        message, _, where = str(error).partition(" (at ")
        place = re.match(r"line (\d+), column (\d+)", where)
        source = SourceFile(shown, data.decode())
        line, column = (int(place[1]), int(place[2])) if place is not None else (len(source.lines), 1)
        span = Span(source, line, column, line, column + 1)
        found.add(codes.CONFIGURATION, f"this is not TOML: {message[:1].lower()}{message[1:]}", span, place=shown)
    except RecursionError:
        found.add(codes.CONFIGURATION, "its tables are nested too deep", place=shown)
    return None


class _Reader:
    """Reads the keys of one table; what is wrong is reported at the line that names the key."""

    def __init__(self, source: SourceFile, found: Diagnostics) -> None:
        self.source = source
        self.found = found

    def settings(self, table: Mapping[str, Any], folder: Path) -> Settings:
        values: dict[str, Any] = {"folder": folder}
        for key, value in table.items():
            read = KEYS.get(key)
            if read is not None:
                values[key.replace("-", "_")] = read(self, key, value)
                continue
            near = did_you_mean(key, KEYS)
            help = f"did you mean `{near}`?" if near is not None else f"the keys are {', '.join(KEYS)}"
            self.wrong(key, f"unknown key `{key}`", help)
        return Settings(**{name: value for name, value in values.items() if value is not None})

    def codes(self, key: str, value: object) -> tuple[str, ...]:
        return tuple(code for word in self.texts(key, value) if (code := self.code(key, word)) is not None)

    def code(self, key: str, word: str) -> str | None:
        """A code or the beginning of codes."""
        fault = code_fault(word, silenced=key != "select")
        if fault is not None:
            self.wrong(word, f"`{key}`: {fault[0]}", fault[1])
            return None
        return word

    def texts(self, key: str, value: object) -> list[str]:
        if isinstance(value, list) and all(isinstance(word, str) for word in value):
            return value
        self.wrong(key, f"`{key}` must be a list of texts, found {_shown(value)}", f'for example `{key} = ["W7"]`')
        return []

    def patterns(self, key: str, value: object) -> tuple[str, ...]:
        return tuple(self.texts(key, value))

    def table(self, key: str, value: object) -> dict[str, Any]:
        if isinstance(value, dict):
            return value
        self.wrong(key, f"`{key}` must be a table, found {_shown(value)}")
        return {}

    def severities(self, key: str, value: object) -> dict[str, str]:
        given = {}
        for word, severity in self.table(key, value).items():
            if severity not in SEVERITIES:
                choices = ", ".join(f'"{choice}"' for choice in SEVERITIES)
                self.wrong(word, f"`{key}.{word}` must be one of {choices}, found {_shown(severity)}")
            elif self.code(key, word) is not None:
                given[word] = severity
        return given

    def ignores_by_file(self, key: str, value: object) -> dict[str, tuple[str, ...]]:
        return {pattern: self.codes(key, listed) for pattern, listed in self.table(key, value).items()}

    def truth(self, key: str, value: object) -> bool | None:
        if isinstance(value, bool):
            return value
        self.wrong(key, f"`{key}` must be true or false, found {_shown(value)}")
        return None

    def count(self, key: str, value: object) -> int | None:
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
        self.wrong(key, f"`{key}` must be an integer of at least 0, found {_shown(value)}")
        return None

    def text(self, key: str, value: object) -> str | None:
        if isinstance(value, str) and value:
            return value
        self.wrong(key, f"`{key}` must be the path of a folder, found {_shown(value)}")
        return None

    def form(self, key: str, value: object) -> str | None:
        if isinstance(value, str) and value in FORMS:
            return value
        near = did_you_mean(value, FORMS) if isinstance(value, str) else None
        help = f"did you mean `{near}`?" if near is not None else f"the forms are {', '.join(FORMS)}"
        self.wrong(key, f"`{key}` is the form of a report, found {_shown(value)}", help)
        return None

    def wrong(self, word: str, message: str, help: str | None = None) -> None:
        """Report a mistake where its word first stands, as far as that can be told: the parser keeps no places."""
        start = self.source.text.find("specmodel]") if self.source.path.endswith(SHARED_FILE) else 0
        named = re.compile(rf"(?<![\w-]){re.escape(word)}(?![\w-])").search(self.source.text, max(start, 0))
        span = None
        if named is not None:
            line = self.source.text.count("\n", 0, named.start()) + 1
            column = named.start() - self.source.text.rfind("\n", 0, named.start())
            span = Span(self.source, line, column, line, column + len(word))
        self.found.add(codes.CONFIGURATION, message, span, place=self.source.path, help=help)


KEYS: dict[str, Callable[[_Reader, str, object], Any]] = {
    "select": _Reader.codes,
    "ignore": _Reader.codes,
    "severity": _Reader.severities,
    "per-file-ignores": _Reader.ignores_by_file,
    "exclude": _Reader.patterns,
    "root": _Reader.text,
    "all-presets": _Reader.truth,
    "max-warnings": _Reader.count,
    "format": _Reader.form,
}
"""The keys, and how each is read."""


def code_fault(word: str, *, silenced: bool = False) -> tuple[str, str] | None:
    """What is wrong with a word that should be a code or the beginning of codes, and what to do; None if nothing is.

    `silenced` tells that diagnostics are to be left out by it.
    """
    fitting = [code for code in codes.NAMES if word and code.startswith(word)]
    if silenced and fitting and not any(map(can_be_silenced, fitting)):
        return f"{word} cannot be ignored", "with such an error nothing of a file is read"
    if fitting:
        return None
    upper = word.upper()
    near = upper if word and any(code.startswith(upper) for code in codes.NAMES) else did_you_mean(word, codes.NAMES)
    help = f"did you mean `{near}`?" if near is not None else "codes look like E301, their beginnings like W7"
    return f"there is no code `{word[:40]}`", help


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'the text "{value[:60]}"'
    if isinstance(value, Sequence):
        return f"a list of {len(value)}" if value else "an empty list"
    return "a table" if isinstance(value, Mapping) else str(value)[:60]
