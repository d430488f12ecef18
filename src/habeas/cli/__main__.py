"""`python -m habeas.cli`: the same as `habeas`."""

from habeas.cli import main

main()
