"""`python -m service` is `nextlead`."""

from service.cli import main

main(prog_name="nextlead")
