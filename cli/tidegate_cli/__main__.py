"""`python -m tidegate_cli` is the `tidegate` command."""

from tidegate_cli.main import app

if __name__ == "__main__":
    app(prog_name="tidegate")
