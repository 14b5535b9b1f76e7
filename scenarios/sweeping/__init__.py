"""Cancelling at every moment there is, and asking after each whether every slot is still there.

`passes` goes through the moments until nothing new turns up, `probing` is one cancellation on a pool of its own,
`situations` say what the victim is about, `styles` how it is cancelled, `stepping` when, and `walking` names where.
"""
