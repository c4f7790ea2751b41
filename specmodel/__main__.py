"""`python -m specmodel` and the console script: the command line in a process of its own."""

import gc
from typing import NoReturn

COLLECT_AFTER = 1_000_000
"""New containers between two collections: nearly all that a command makes lives to its end, so they find little."""


def main() -> NoReturn:
    """Run the command line with a collector that fits a short process, from before its imports to its exit."""
    gc.set_threshold(COLLECT_AFTER)
    from specmodel import cli

    try:
        cli.main()
    finally:
        gc.freeze()  # the interpreter's last collection would walk through everything once more


if __name__ == "__main__":
    main()
