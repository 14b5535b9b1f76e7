"""What a caller's own code does with a client beyond single requests: flows, hooks, transports, clients with several
pools.
"""
