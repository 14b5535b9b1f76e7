"""What a name or an expression of a program may stand for.

Each module has the rules for one kind of expression; `resolver.py` joins them.
"""
