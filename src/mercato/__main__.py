"""`python -m mercato` is the `mercato` command."""

from mercato.cli import main

if __name__ == "__main__":  # children that render pictures load this module as well
    main()
