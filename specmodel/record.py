"""Frozen records, declared like dataclasses.

`dataclasses` compiles methods for every class, half a millisecond each, and start-up time is a feature of the commands
that import these classes. A `Record` reads its annotations once and shares one `__init__`; a class of which many
records are made gets one of its own when that pays, which is three times as fast.
"""

from typing import Any, ClassVar, Self, dataclass_transform

_set = object.__setattr__
MANY = 500
"""From so many records on a class has an `__init__` of its own: compiling it takes as long as making 60 of them."""


@dataclass_transform(frozen_default=True)
class Record:
    """Base of immutable records: fields are the annotations, in order, base classes first; equality is by value."""

    __slots__ = ()
    _fields: ClassVar[tuple[str, ...]] = ()
    _defaults: ClassVar[dict[str, Any]] = {}
    _count: ClassVar[int] = 0

    def __init_subclass__(cls) -> None:
        names = [name for name, kind in cls.__annotations__.items() if "ClassVar" not in str(kind)]
        cls._fields = (*cls._fields, *(name for name in names if name not in cls._fields))
        own_defaults = {name: cls.__dict__[name] for name in names if name in cls.__dict__}
        cls._defaults = {**cls._defaults, **own_defaults}
        cls._count = 0
        cls.__init__ = Record.__init__  # type: ignore[method-assign]  # not the one that a base class has of its own

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        cls = type(self)
        cls._count += 1
        if cls._count == MANY and cls._fields:
            cls.__init__ = _compiled_init(cls)  # type: ignore[method-assign]
        fields = cls._fields
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


def _compiled_init(cls: type[Record]) -> Any:
    """The same `__init__` for one class: a line for each field where all come in order, else what all records share."""
    names = [f"_{number}" for number in range(len(cls._fields))]
    sets = "".join(f"        set(self, {field!r}, {name})\n" for field, name in zip(cls._fields, names, strict=True))
    after = "        self.__post_init__()\n" if cls.__post_init__ is not Record.__post_init__ else ""
    program = (
        f"def __init__(self, {''.join(f'{name}=missing, ' for name in names)}/, *args, **kwargs):\n"
        f"    if {names[-1]} is missing or args or kwargs:\n"
        f"        given = [one for one in ({', '.join(names)},) if one is not missing]\n"
        f"        shared(self, *given, *args, **kwargs)\n"
        f"    else:\n{sets}{after}"
    )
    scope = {"missing": object(), "shared": Record.__init__, "set": _set}
    exec(program, scope)
    return scope["__init__"]
