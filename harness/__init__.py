"""poolgate: reproduces connection-pool exhaustion in Python HTTP clients and distinguishes leaks from back-pressure.

This package chooses targets, builds environments, runs cells, judges histories and writes answers. It never imports a
client.
"""

__version__ = "0.1.0"
