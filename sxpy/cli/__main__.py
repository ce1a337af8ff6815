"""`python -m sxpy.cli` is `sx`."""

from sxpy.cli.main import main

if __name__ == "__main__":
    main(prog_name="sx")
