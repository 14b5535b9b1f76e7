"""poolgate: reproduces connection-pool exhaustion in Python HTTP clients and tells a leak from honest back-pressure.

This room orchestrates: it chooses targets, builds environments, runs cells, judges histories and answers. It never
imports a client.
"""

__version__ = "0.1.0"
