"""The parts of a script: modules of which `bundle` takes the functions that a script needs.

A script runs on the Python of its release, so the statements keep to Python 3.6; annotations are removed. `facts` has
the names that the generator writes. Modules with the same names are alternatives, of which a script has one:
`backend_*`, `cancel_*`, and `one_slot` for `bursts`.
"""
