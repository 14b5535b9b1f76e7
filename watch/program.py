"""Runs a program in this process as `python FILE` or `python -m MODULE` does: arguments, path and `__main__`."""

from __future__ import annotations

import builtins
import importlib.util
import os
import runpy
import sys
import zipfile
from importlib.machinery import ModuleSpec, SourceFileLoader
from types import CodeType, ModuleType
from typing import Callable, NoReturn


def run_file(path: str, arguments: list[str]) -> None:
    """Run a file, or a folder or archive with a `__main__`."""
    sys.argv[:] = [path, *arguments]
    if not os.path.exists(path):
        _refuse(f"there is no file {path}", 2)
    if not _is_source(path):
        _replace_first([])
        runpy.run_path(path, run_name="__main__")
        return
    _replace_first([os.path.dirname(os.path.realpath(path))])
    main = _fresh_main()
    main.__dict__.update(__file__=path, __cached__=None, __loader__=SourceFileLoader("__main__", path))
    _execute(lambda: _compiled(path), main)


def run_module(name: str, arguments: list[str]) -> None:
    """Run a module, or the `__main__` of a package."""
    sys.argv[:] = ["-m", *arguments]
    spec = _spec_of(name)
    code = getattr(spec.loader, "get_code", lambda _: None)(spec.name)
    if code is None:
        _refuse(f"no code object is available for {name}", 1)
    sys.argv[0] = spec.origin or name
    main = _fresh_main()
    main.__dict__.update(
        __file__=spec.origin,
        __cached__=spec.cached,
        __loader__=spec.loader,
        __package__=spec.parent,
        __spec__=spec,
    )
    _execute(lambda: code, main)


def _spec_of(name: str) -> ModuleSpec:
    try:
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.submodule_search_locations is not None:
            spec = importlib.util.find_spec(f"{name}.__main__")
            if spec is None:
                _refuse(f"no module named {name}.__main__; {name} is a package and can't be run", 1)
    except (ImportError, ValueError) as error:
        _refuse(f"{name} can't be found ({error})", 1)
    if spec is None:
        _refuse(f"no module named {name}", 1)
    return spec


def _is_source(path: str) -> bool:
    """Return whether a file is neither compiled code nor an archive."""
    if not os.path.isfile(path):
        return False
    with open(path, "rb") as file:
        start = file.read(4)
    return start != importlib.util.MAGIC_NUMBER and not zipfile.is_zipfile(path)


def _compiled(path: str) -> CodeType:
    with open(path, "rb") as file:
        return compile(file.read(), path, "exec", dont_inherit=True)


def _replace_first(places: list[str]) -> None:
    """Put places in place of the working directory on the path; Python has none there in its safe mode."""
    if not getattr(sys.flags, "safe_path", sys.flags.isolated):
        sys.path[0:1] = places


def _fresh_main() -> ModuleType:
    """Return a new `__main__`, which stays after its code has ended: threads may go on."""
    main = sys.modules["__main__"] = ModuleType("__main__")
    main.__dict__["__builtins__"] = builtins
    return main


def _execute(code: Callable[[], CodeType], main: ModuleType) -> None:
    """Execute code; an exception that leaves it is printed without the frames of this module."""
    try:
        exec(code(), main.__dict__)
    except Exception as error:
        trace = error.__traceback__
        while trace is not None and trace.tb_frame.f_code.co_filename == __file__:
            trace = trace.tb_next
        sys.excepthook(type(error), error, trace)
        sys.exit(1)


def _refuse(text: str, code: int) -> NoReturn:
    sys.stderr.write(f"poolgate.watch: {text}\n")
    sys.exit(code)
