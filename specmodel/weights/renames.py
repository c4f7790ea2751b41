"""Guess which weights of a file are those of a spec under other names."""

import re
from collections.abc import Mapping, Sequence

from specmodel.ops.source import WeightSpec
from specmodel.weights.stored import StoredArray, plain_name

_MOST_COMPARISONS = 1000
_LARGEST_GROUP = 400
_LIKELY = 0.67
_LONGEST = 64


def likely_renames(missing: Sequence[WeightSpec], extra: Mapping[str, StoredArray]) -> list[tuple[str, str]]:
    """Pairs (name in the file, path of the spec), sorted; each name and path at most once.

    Arrays of one shape are paired where the last part of the name is the same (`dense_1/kernel`, `head/kernel`), the
    nearest names first; of what is left, where the whole name is similar. Numbers count last and by their order:
    `dense_3`, `dense_4` become `dense`, `dense_1`.
    """
    similarity = _Similarity()
    specs, names = list(missing), list(extra)
    pairs: list[tuple[str, str]] = []
    for ending, least in ((_last, 0.0), (_nothing, _LIKELY)):
        groups: dict[object, tuple[list[str], list[str]]] = {}
        for spec in specs:
            groups.setdefault((spec.shape, ending(spec.path)), ([], []))[0].append(spec.path)
        for name in names:
            group = groups.get((extra[name].shape, ending(plain_name(name))))
            if group is not None:
                group[1].append(name)
        for paths, candidates in groups.values():
            pairs += _nearest(paths, candidates, similarity, least)
        old, new = {pair[0] for pair in pairs}, {pair[1] for pair in pairs}
        names = [name for name in names if name not in old]
        specs = [spec for spec in specs if spec.path not in new]
    return sorted(pairs)


class _Similarity:
    """How similar two names are, from 0 to 1. Past a number of comparisons all are 0: the order decides then."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], float] = {}

    def __call__(self, first: str, second: str) -> float:
        pair = (_letters(first), _letters(second))
        if pair not in self._known:
            if len(self._known) >= _MOST_COMPARISONS:
                return 0.0
            from difflib import SequenceMatcher  # 8 ms of start-up that only a mismatch pays

            self._known[pair] = SequenceMatcher(None, *pair).ratio()
        return self._known[pair]


def _nearest(paths: list[str], names: list[str], similarity: _Similarity, least: float) -> list[tuple[str, str]]:
    """Pairs of names and paths, the most similar first, equally similar ones in their order."""
    paths, names = sorted(paths, key=_natural), sorted(names, key=_natural)
    if len(paths) * len(names) > _LARGEST_GROUP:
        return list(zip(names, paths, strict=False)) if least == 0 else []
    ranked = sorted(
        (-similarity(plain_name(name), path), number, index)
        for number, path in enumerate(paths)
        for index, name in enumerate(names)
    )
    used_paths: set[int] = set()
    used_names: set[int] = set()
    pairs = []
    for unlike, number, index in ranked:
        if -unlike >= least and number not in used_paths and index not in used_names:
            used_paths.add(number)
            used_names.add(index)
            pairs.append((names[index], paths[number]))
    return pairs


def _last(path: str) -> str:
    return path.rpartition("/")[2]


def _nothing(path: str) -> str:
    return ""


def _letters(path: str) -> str:
    return "".join(character for character in path[-_LONGEST:].lower() if character.isalpha())


def _natural(path: str) -> list[tuple[str, int]]:
    """A sort key by which `conv_2` comes before `conv_10`, and `conv` before both."""
    return [(text, int(number or 0)) for text, number in re.findall(r"([^0-9]*)([0-9]*)", path)]
