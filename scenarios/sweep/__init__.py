"""Cancelling at every moment there is, and asking after each whether every slot is still there.

`until_closed` goes through the moments until nothing new turns up, `pools` has a pool for each cancellation,
`situations` say what the victim is about, `backends` how it is cancelled, `cancel_at_step` when, and
`suspension_site` names where.
"""
