"""`python -m jieli` is the command `jieli`."""

from jieli.config.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
