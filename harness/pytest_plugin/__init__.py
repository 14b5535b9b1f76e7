"""The pytest plugin: `no_pool_leaks`, `slow_server` and `pytest --poolgate`.

pytest loads `hooks.py`, which imports nothing else of poolgate until a test or an option asks for it.
"""
