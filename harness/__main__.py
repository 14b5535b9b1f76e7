"""The program, and `python -m poolgate`: who is interrupted while it is being loaded is told the same as later."""

import sys


def main() -> int:
    """Run the program; returns its exit code."""
    try:
        from .cli.main import main as run

        return run()
    except KeyboardInterrupt:
        print("poolgate: interrupted", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
