"""`python -m sxpy.cli` is `sx`."""

from sxpy.cli.entry import main

if __name__ == "__main__":
    main()
