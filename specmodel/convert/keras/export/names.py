"""The names that layers have in Keras, where a name holds no `/` and is there once in a model."""

from collections.abc import Iterable

from specmodel.spec.model import ModelSpec


def keras_names(spec: ModelSpec) -> dict[str, str]:
    """The name of each input and of each entry that owns its weights, by its path here."""
    paths = [*(given.name for given in spec.inputs or ()), *(entry.path for entry in spec.entries if not entry.reused)]
    plain = {path for path in paths if "/" not in path}
    names: dict[str, str] = {}
    taken = set(plain)
    for path in paths:
        names[path] = path if path in plain else _free(path.replace("/", "_"), taken)
        taken.add(names[path])
    return names


def renamed(names: dict[str, str]) -> Iterable[tuple[str, str]]:
    """The paths that are called otherwise in Keras, with what they are called."""
    return ((path, name) for path, name in names.items() if path != name)


def _free(name: str, taken: set[str]) -> str:
    number, found = 1, name
    while found in taken:
        found, number = f"{name}_{number}", number + 1
    return found
