"""Runs a program in this process as `python FILE` or `python -m MODULE` does: arguments, path and `__main__`."""

from __future__ import annotations

import builtins
import importlib.util
import os
import pkgutil
import sys
import zipfile
from importlib.machinery import ModuleSpec, SourceFileLoader, SourcelessFileLoader
from types import CodeType, ModuleType
from typing import Callable, NoReturn


def run_file(path: str, arguments: list[str]) -> None:
    """Run a file, or a folder or archive with a `__main__`."""
    sys.argv[:] = [path, *arguments]
    if not os.path.exists(path):
        _refuse(f"there is no file {path}", 2)
    place = os.path.abspath(path) if sys.version_info >= (3, 9) else path
    if os.path.isdir(path) or zipfile.is_zipfile(path):
        _replace_first(place)
        _run_spec(_main_in(place))
        return
    _replace_first(os.path.dirname(os.path.realpath(path)))
    main = _fresh_main()
    main.__dict__.update(__file__=place, __cached__=None, __loader__=SourceFileLoader("__main__", place))
    _execute(lambda: _code_of(place), main)


def run_module(name: str, arguments: list[str]) -> None:
    """Run a module, or the `__main__` of a package."""
    sys.argv[:] = ["-m", *arguments]
    spec = _spec_of(name)
    sys.argv[0] = spec.origin or name
    _run_spec(spec)


def _run_spec(spec: ModuleSpec) -> None:
    code = getattr(spec.loader, "get_code", lambda _: None)(spec.name)
    if code is None:
        _refuse(f"{spec.name} has no code to run", 1)
    main = _fresh_main()
    main.__dict__.update(
        __file__=spec.origin,
        __cached__=spec.cached,
        __loader__=spec.loader,
        __package__=spec.parent,
        __spec__=spec,
    )
    _execute(lambda: code, main)


def _main_in(place: str) -> ModuleSpec:
    """Return the `__main__` of a folder or an archive."""
    importer = pkgutil.get_importer(place)
    spec = importer.find_spec("__main__") if importer is not None else None
    if spec is None:
        _refuse(f"{place} has no __main__", 1)
    return spec


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


def _code_of(path: str) -> CodeType:
    """Return the code of a file, which may be compiled already."""
    with open(path, "rb") as file:
        content = file.read()
    if content.startswith(importlib.util.MAGIC_NUMBER):
        return SourcelessFileLoader("__main__", path).get_code("__main__") or compile("", path, "exec")
    return compile(content, path, "exec", dont_inherit=True)


def _replace_first(place: str) -> None:
    """Put a place before the others on the path, instead of the working directory; Python has none in its safe mode."""
    if not getattr(sys.flags, "safe_path", sys.flags.isolated):
        sys.path[0] = place


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
        sys.excepthook(type(error), error.with_traceback(trace), trace)
        sys.exit(1)


def _refuse(text: str, code: int) -> NoReturn:
    sys.stderr.write(f"poolgate.watch: {text}\n")
    sys.exit(code)
