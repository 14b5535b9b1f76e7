"""A server whose answers the caller writes, for tests of other programs: `python -m poolgate.servers.scripted --fd N`.

It has the listeners (doors) and the endpoints of `poolgate.servers`, and answers of any status, pieces and end.
"""
