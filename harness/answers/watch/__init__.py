"""The question `watch`: the pools of a running program."""
