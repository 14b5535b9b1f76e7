"""Bad pools: each module breaks one thing in the real client of the environment that it is planted in.

They are imported at the start of that environment's interpreter (by a `.pth` file), and work on httpcore since 0.14.
"""
