"""`python -m specmodel`."""

from specmodel.cli import main

main()
