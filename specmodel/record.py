"""Frozen records, declared like dataclasses.

`dataclasses` compiles an `__init__` for every class, half a millisecond each, and start-up time is a feature of the
commands that import these classes. A `Record` reads its annotations once and shares one `__init__`.
"""

from typing import Any, ClassVar, Self, dataclass_transform

_set = object.__setattr__


@dataclass_transform(frozen_default=True)
class Record:
    """Base of immutable records: fields are the annotations, in order, base classes first; equality is by value."""

    __slots__ = ()
    _fields: ClassVar[tuple[str, ...]] = ()
    _defaults: ClassVar[dict[str, Any]] = {}

    def __init_subclass__(cls) -> None:
        names = [name for name, kind in cls.__annotations__.items() if "ClassVar" not in str(kind)]
        cls._fields = (*cls._fields, *(name for name in names if name not in cls._fields))
        own_defaults = {name: cls.__dict__[name] for name in names if name in cls.__dict__}
        cls._defaults = {**cls._defaults, **own_defaults}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        fields = self._fields
        if len(args) != len(fields) or kwargs:  # few of the many records of a large spec
            if len(args) > len(fields):
                raise TypeError(f"{type(self).__name__} takes {len(fields)} fields, got {len(args)}")
            values = {**self._defaults, **dict(zip(fields, args, strict=False)), **kwargs}
            if len(values) != len(fields) or any(name not in values for name in fields):
                raise TypeError(f"{type(self).__name__} has the fields {', '.join(fields)}, got {', '.join(values)}")
            args = tuple([values[name] for name in fields])
        for name, value in zip(fields, args, strict=True):  # one by one, which needs no dict of the instance's own
            _set(self, name, value)
        self.__post_init__()

    def __post_init__(self) -> None:
        """Check the values; a subclass may override it."""

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"{type(self).__name__}.{name} is read-only")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self._values() == other._values()

    def __hash__(self) -> int:
        return hash((type(self), *self._values()))

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={getattr(self, name)!r}" for name in self._fields)
        return f"{type(self).__name__}({values})"

    def replace(self, **changes: Any) -> Self:
        """A copy with some fields changed."""
        return type(self)(**{**dict(zip(self._fields, self._values(), strict=True)), **changes})

    def _values(self) -> tuple[Any, ...]:
        return tuple([getattr(self, name) for name in self._fields])
