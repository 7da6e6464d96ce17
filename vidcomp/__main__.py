"""``python -m vidcomp``."""

from vidcomp.cli import main

main()
