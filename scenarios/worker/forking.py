"""The fork server: imports a client once, warms up once, and forks a worker for each cell.

The protocol: a plan arrives as one line of JSON on stdin and names what to import and where to warm up; `warm` is sent
on the socket that `--fork-server` names. Each byte that then arrives on the socket carries four descriptors (stdin,
history, output, status): a forked worker runs the plan on its stdin, as in `main.py`, and its status gets a line with
its process id at once and a line with its exit code (below zero: a signal) when it has ended. The fork server ends when
the socket does. Any failure before `warm` ends it too: the harness then starts a worker of its own, which reports the
cause.
"""

import argparse
import array
import contextlib
import gc
import importlib
import os
import select
import signal
import socket
import sys
import threading
import traceback
from typing import Dict, List, NoReturn, Optional, Tuple

from .. import declared
from ..clients import client_for
from .main import EX_SOFTWARE, end_after, read_plan, run_plan, warm_up
from .recorder import Recorder

CARRIED = 4
"""Descriptors that a request carries."""
THREAD_GRACE = 1.0
"""Seconds that a thread of the warm-up has to end in."""


def main(arguments: List[str]) -> int:
    """Serve until the socket ends; returns the exit code."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--fork-server", type=int, required=True)
    requests = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, fileno=parser.parse_args(arguments).fork_server)
    _prepare()
    if not _alone():
        return EX_SOFTWARE
    requests.sendall(b"warm\n")
    ForkServer(requests).serve()
    return 0


def _prepare() -> None:
    """Do once what every worker would do; leave nothing half done for each of them to finish."""
    plan = read_plan()
    end_after(plan["startup"])
    threads = declared()[plan["scenario"]].threads
    warm_up(client_for(importlib.import_module(plan["client"]), threads), plan)
    signal.alarm(0)
    gc.collect()
    # Keep a worker's collections away from shared objects, which they would copy. Since Python 3.7.
    getattr(gc, "freeze", int)()
    sys.stdout.flush()
    sys.stderr.flush()


def _alone() -> bool:
    """Return True if only one thread is left, after a short wait: a fork drops the others and keeps their locks."""
    for thread in threading.enumerate():
        if thread is not threading.main_thread():
            thread.join(THREAD_GRACE)
    return threading.active_count() == 1


class ForkServer:
    def __init__(self, requests: socket.socket) -> None:
        self._requests = requests
        self._wake, self._woken = os.pipe()
        self._statuses: Dict[int, int] = {}

    def serve(self) -> None:
        """Fork and reap until the socket ends."""
        # A worker that ends has to interrupt the wait for the next request.
        os.set_blocking(self._woken, False)
        signal.set_wakeup_fd(self._woken)
        signal.signal(signal.SIGCHLD, lambda signum, frame: None)
        while True:
            ready, _, _ = select.select([self._requests.fileno(), self._wake], [], [])
            if self._wake in ready:
                os.read(self._wake, 4096)
                self._reap()
            if self._requests.fileno() in ready:
                carried = _receive(self._requests)
                if carried is None:
                    return
                self._fork(*carried)

    def _fork(self, stdin: int, history: int, output: int, status: int) -> None:
        pid = os.fork()
        if pid == 0:
            os.close(status)
            self._leave()
            _work(stdin, history, output)
        self._statuses[pid] = status
        _tell(status, pid)
        for descriptor in (stdin, history, output):
            os.close(descriptor)

    def _leave(self) -> None:
        """Close everything of the fork server: other processes notice its end, and ours, by closed descriptors."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        self._requests.close()
        for descriptor in (self._wake, self._woken, *self._statuses.values()):
            os.close(descriptor)

    def _reap(self) -> None:
        for pid in list(self._statuses):
            ended, how = os.waitpid(pid, os.WNOHANG)
            if ended:
                status = self._statuses.pop(pid)
                _tell(status, -os.WTERMSIG(how) if os.WIFSIGNALED(how) else os.WEXITSTATUS(how))
                os.close(status)


def _receive(requests: socket.socket) -> Optional[Tuple[int, ...]]:
    """Return the descriptors of one request; None at the end of the socket."""
    carried = array.array("i")
    word, ancillary, _, _ = requests.recvmsg(1, socket.CMSG_SPACE(CARRIED * carried.itemsize))
    for _, _, content in ancillary:
        carried.frombytes(content)
    return tuple(carried) if word else None


def _tell(status: int, number: int) -> None:
    with contextlib.suppress(BrokenPipeError):  # The reader is gone.
        os.write(status, b"%d\n" % number)


def _work(stdin: int, history: int, output: int) -> NoReturn:
    """Run the plan that arrives on `stdin` as the worker, and end the process.

    It skips the interpreter's own shutdown, which touches, and so copies, all shared memory: some 90 ms.
    """
    for descriptor, place in ((stdin, 0), (output, 1), (output, 2)):
        os.dup2(descriptor, place)
    os.close(stdin)
    os.close(output)
    sys.stdin = os.fdopen(0, closefd=False)
    code = EX_SOFTWARE
    try:
        code = run_plan(Recorder(history), warm=True)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
