"""The events of the YAML parser, in our offsets and with our errors."""

from collections.abc import Iterator
from itertools import islice

import yaml

from specmodel.diagnostics import codes
from specmodel.diagnostics.diagnostic import failure
from specmodel.yaml.directives import without_directives
from specmodel.yaml.marks import Marks
from specmodel.yaml.node import Offsets
from specmodel.yaml.syntax import syntax_error

# Only the parser of the loader is used; its constructor and resolver never run.
_LOADER = yaml.CBaseLoader if yaml.__with_libyaml__ else yaml.BaseLoader

_TOO_DEEP = "maximum nesting depth"
"""What libyaml from 0.2.6 says of a thousand levels."""


def events(marks: Marks) -> Iterator[yaml.Event]:
    """The events of a text, as they are read; `SpecError` where reading cannot go on."""
    text = without_directives(marks)
    loader = _LOADER(text)
    count = 0
    try:
        while (event := loader.get_event()) is not None:
            yield event
            count += 1
    except yaml.MarkedYAMLError as error:
        if _TOO_DEEP in str(error.problem):  # libyaml looks ahead; the parser in Python tells of each level in turn
            yield from islice(yaml.parse(text, yaml.BaseLoader), count, None)
        raise syntax_error(error, marks) from None
    except (ValueError, OverflowError):  # how the parser in Python meets "\UFFFFFFFF"
        offset = text.find("\\U")
        message = "no character follows `\\U`"
        raise failure(codes.SYNTAX, message, marks.span(offset, offset + 2)) from None
    finally:
        loader.dispose()


def offsets_of(event: yaml.Event) -> Offsets:
    """Where the parser says that an event stands; it marks all that it makes."""
    assert event.start_mark is not None
    assert event.end_mark is not None
    return event.start_mark.index, event.end_mark.index
