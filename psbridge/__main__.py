"""`python -m psbridge`."""

from psbridge.cli import main

main()
