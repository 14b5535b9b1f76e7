"""Cancel at every possible moment, and check after each whether every slot is still there.

`until_closed` repeats passes over the moments until nothing new is found, `pools` has a pool for each cancellation,
`situations` define what the victim does, `backends` how it is cancelled, `cancel_at_step` when, and `suspension_site`
names where.
"""
