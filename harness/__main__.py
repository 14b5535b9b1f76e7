"""`python -m poolgate`."""

import sys

from .cli import main

sys.exit(main())
