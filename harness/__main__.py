"""The program, and `python -m poolgate`; Ctrl-C prints the same line while modules load as later."""

import sys


def main() -> int:
    """Run the program and return its exit code."""
    try:
        from .cli.main import main as run

        return run()
    except KeyboardInterrupt:
        print("poolgate: interrupted", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
