"""Cells that are measured with the watcher in the worker: what it reports is compared with counted slots.

`run.py` measures, `compare.py` judges, `page.py` writes results/WATCHED.md. No ledger and no stored history is touched.
"""
