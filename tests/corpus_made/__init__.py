"""Makes the histories of the corpus that no release has to be found for: each rule met, and missed by a little.

Each module has one theme and yields names with what was recorded; `histories` has the makers, whose times are units.
"""
