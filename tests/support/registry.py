"""A small registry on loopback, with archives built here."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from poolgate.catalogue.packages import PACKAGES

OLD = "2026-01-02T03:04:05.678901Z"


def wheel(
    package: str, version: str, requires: tuple[str, ...] = (), code: str = "pool = []\n", more: tuple[str, ...] = ()
) -> bytes:
    stream = io.BytesIO()
    metadata = "".join(f"Requires-Dist: {text}\n" for text in requires)
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(f"{package}/__init__.py", code)
        archive.writestr(f"{package}/__version__.py", f'__version__ = "{version}"\n')
        for name in more:
            archive.writestr(f"{package}/{name}", "")
        archive.writestr(f"{package}-{version}.dist-info/METADATA", f"Metadata-Version: 2.1\n{metadata}\nA client.\n")
    return stream.getvalue()


def sdist(package: str, version: str, files: dict[str, str]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for name, text in {f"{package}/__init__.py": f"__version__ = '{version}'\n", **files}.items():
            member = tarfile.TarInfo(f"{package}-{version}/{name}")
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    return stream.getvalue()


class FakeRegistry:
    """Answers to paths, and the paths that were asked for."""

    def __init__(self) -> None:
        self.answers: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.projects: dict[str, dict[str, list[dict[str, object]]]] = {package: {} for package in PACKAGES}
        self.endpoint = ""

    def add(self, package: str, version: str, data: bytes, *, uploaded: str = OLD, yanked: bool = False) -> None:
        is_wheel = data.startswith(b"PK")
        filename = f"{package}-{version}{'-py3-none-any.whl' if is_wheel else '.tar.gz'}"
        self.answers[f"/files/{filename}"] = data
        self.projects[package].setdefault(version, []).append(
            {
                "filename": filename,
                "packagetype": "bdist_wheel" if is_wheel else "sdist",
                "url": f"../../files/{filename}",
                "upload_time_iso_8601": uploaded,
                "yanked": yanked,
                "digests": {"md5": "unused", "sha256": hashlib.sha256(data).hexdigest()},
                "requires_python": ">=3.8",
            }
        )

    def answer(self, path: str) -> bytes | None:
        self.asked.append(path)
        for package, releases in self.projects.items():
            if path == f"/pypi/{package}/json":
                return json.dumps({"info": {}, "releases": releases}).encode()
        return self.answers.get(path)


@contextlib.contextmanager
def registry_on_loopback() -> Iterator[FakeRegistry]:
    """Yield a registry without files, and its server."""
    fake = FakeRegistry()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            data = fake.answer(self.path)
            self.send_response(200 if data is not None else 404)
            self.send_header("Content-Length", str(len(data or b"")))
            self.end_headers()
            self.wfile.write(data or b"")

        def log_message(self, format: str, *args: object) -> None:
            """Print nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        fake.endpoint = f"http://127.0.0.1:{server.server_address[1]}/simple/"
        yield fake
        server.shutdown()
        thread.join()
