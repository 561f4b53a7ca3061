"""`python -m consilience`: the command, where its script is not on the path."""

from consilience.cli import main

if __name__ == "__main__":
    main(prog_name="consilience")
