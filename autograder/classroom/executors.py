"""What grades a class: processes of this machine or of a Dask cluster, behind one `concurrent.futures.Executor`.

To a cluster the toolkit is shipped whole, once a worker, as files: machines need Python and requirements.txt, and no
copy of the assignment. Dask's own messages are pickled, between machines of the staff; of a submission only text goes.
"""

from __future__ import annotations

import contextlib
import logging
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from autograder.assignment import bundle
from autograder.assignment.homework import load_homework
from autograder.base.errors import AssignmentError, GraderError
from autograder.base.text import first_line
from autograder.classroom.grading_process import ProcessPool

_CONNECTS_WITHIN: Final = 5.0
_FIRST_WORKER_WITHIN: Final = 30.0
#: Seconds that a cluster may be gone, or without any worker, before a batch gives up; what is recorded stays.
_GONE_FOR: Final = 30.0


@dataclass
class GradingExecutor:
    """The executor, how many gradings it does at once, and what to ask of it while it works."""

    executor: Executor
    name: str
    size: int
    processes: ProcessPool | None = None
    client: Any = None
    plugin: str = ""
    _gone_since: float | None = field(default=None, init=False)

    def submit(self, task: Mapping[str, Any], avoid: str = "") -> Future[dict[str, Any]]:
        """Have `task` graded; not by the worker `avoid`, where there is another."""
        if self.processes is not None:
            return self.executor.submit(self.processes.perform, task)
        executor = self.executor
        others = [address for address in self.client.ncores() if address != avoid] if avoid else []
        if others:
            executor = self.client.get_executor(workers=others, allow_other_workers=True, pure=False)
        return executor.submit(perform_on_worker, self.plugin, dict(task))

    @property
    def is_there(self) -> bool:
        """Whether gradings can be handed to it at this moment."""
        return self.client is None or self.client.status == "running"

    def check(self) -> None:
        """Count the workers again. Raises GraderError where the cluster has been gone for too long."""
        if self.client is None:
            return
        there = 0
        if self.is_there:
            with contextlib.suppress(OSError, TimeoutError):
                there = sum(self.client.ncores().values())
        if there:
            self.size, self._gone_since = there, None
            return
        self._gone_since = self._gone_since or time.monotonic()
        if time.monotonic() - self._gone_since > _GONE_FOR or self.client.status == "closed":
            raise GraderError(
                f"The cluster {self.name} is lost: no scheduler or no worker has been there for a while. "
                "What was recorded is kept; run the same command again."
            )


@contextlib.contextmanager
def local(root: Path, jobs: int, data: str) -> Iterator[GradingExecutor]:
    """Grade on this machine, `jobs` submissions at once."""
    processes = ProcessPool(root, data)
    executor = ThreadPoolExecutor(jobs, thread_name_prefix="grading")
    try:
        yield GradingExecutor(executor, "this machine", jobs, processes=processes)
    finally:
        executor.shutdown(wait=False, cancel_futures=True)
        processes.close()
        executor.shutdown(wait=True)


@contextlib.contextmanager
def cluster(root: Path, address: str, data: str, key: str) -> Iterator[GradingExecutor]:
    """Grade on a Dask cluster: `tcp://host:port` of its scheduler, or `local:N` for N processes here.

    key: what the toolkit is recognised by. Raises AssignmentError where there is no such cluster, or no worker in it.
    """
    try:
        import distributed
    except ModuleNotFoundError as error:
        raise AssignmentError(
            "--cluster needs Dask: ./setup.sh --cluster installs it. Or grade with --jobs."
        ) from error
    import dask

    for name in ("distributed", "distributed.client", "distributed.core"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # we report what matters of it in our own words
    dask.config.set(
        {"distributed.comm.timeouts.connect": f"{_CONNECTS_WITHIN:g}s", "distributed.admin.tick.limit": "1h"}
    )
    with contextlib.ExitStack() as stack:
        if address.startswith("local:"):
            count = address.partition(":")[2]
            if not count.isdigit() or not int(count):
                raise AssignmentError(f"--cluster {address}: expected local:N, with the number of processes.")
            dask.config.set({"distributed.scheduler.allowed-failures": 1})
            made = distributed.LocalCluster(  # type: ignore[no-untyped-call]
                n_workers=int(count), threads_per_worker=1, dashboard_address=None, host="127.0.0.1", silence_logs=50
            )
            stack.callback(made.close, timeout=10)
            where: Any = made
        else:
            where = address
            _check_scheduler(address)
        client: Any = distributed.Client(where, timeout=_CONNECTS_WITHIN, set_as_default=False)  # type: ignore[no-untyped-call]
        stack.callback(_close_client, client)
        try:
            client.wait_for_workers(1, timeout=_FIRST_WORKER_WITHIN)
        except (OSError, TimeoutError) as error:
            raise AssignmentError(
                f"--cluster {address} has no workers; nothing was graded. Start some: dask worker {address}"
            ) from error
        plugin = f"autograder-{key[:16]}"
        client.register_plugin(_make_plugin(root, data, plugin), name=plugin)
        stack.callback(_unregister, client, plugin)
        executor = GradingExecutor(client.get_executor(pure=False), address, 1, client=client, plugin=plugin)
        executor.check()
        yield executor


def _check_scheduler(address: str) -> None:
    """Ask the process at `address` what it is: a Dask client would give up late, and with many lines.

    Raises AssignmentError where it is no scheduler.
    """
    import asyncio

    from distributed.core import rpc
    from distributed.security import Security

    async def identify() -> Any:
        security = Security().get_connection_args("client")  # type: ignore[no-untyped-call]
        async with rpc(address, connection_args=security) as there:  # type: ignore[no-untyped-call]
            return await asyncio.wait_for(there.identity(), _CONNECTS_WITHIN)

    try:
        kind = asyncio.run(identify()).get("type")
        problem = "" if kind == "Scheduler" else f"it is a {kind}, and no scheduler"
    except Exception as error:  # noqa: BLE001  whatever answers there, or does not, Dask has its own error for
        problem = first_line(error)
    if problem:
        raise AssignmentError(
            f"--cluster {address} cannot be reached ({problem}); nothing was graded. "
            "Is its scheduler running, and the address as it prints it (tcp://host:port)?"
        )


def _close_client(client: Any) -> None:
    with contextlib.suppress(Exception):  # a cluster that is gone cannot be said goodbye to
        client.close(timeout=5)


def _unregister(client: Any, plugin: str) -> None:
    if client.status == "running":
        with contextlib.suppress(Exception):
            client.unregister_worker_plugin(plugin)


def perform_on_worker(plugin: str, task: dict[str, Any]) -> dict[str, Any]:
    """Grade `task` in a Dask worker, with the toolkit that was shipped there."""
    from distributed import get_worker

    worker: Any = get_worker()
    reply: dict[str, Any] = worker.plugins[plugin].processes.perform(task)
    return {**reply, "worker": worker.address}


# Functions of `__main__` travel by value: a scheduler unpacks what it passes on, and has no copy of this module.
perform_on_worker.__module__ = "__main__"


def _make_plugin(root: Path, data: str, name: str) -> Any:
    """Return a Dask worker plugin that carries the toolkit, and unpacks it wherever a worker starts, now or later."""
    import cloudpickle  # type: ignore[import-untyped]
    from distributed.diagnostics.plugin import WorkerPlugin

    parts = {name: path.read_bytes() for name, path in bundle.project(root)}
    images = {path.name: path.read_bytes() for path in load_homework(root).data_files(data)}

    class Toolkit(WorkerPlugin):
        """The toolkit on a worker: its files in a closed folder, and its grading processes."""

        processes: Any = None

        def __init__(self) -> None:
            self.name, self.parts, self.images = name, parts, images

        def setup(self, worker: Any) -> None:
            """Unpack; `autograder` can be imported from here on."""
            del worker
            self.folder = tempfile.mkdtemp(prefix="autograder-toolkit-")
            data = Path(self.folder, "data")
            data.mkdir()
            shipped = self.parts | {f"data/{image}": content for image, content in self.images.items()}
            for path, content in shipped.items():
                file = Path(self.folder, path)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)
            sys.path.append(self.folder)
            from autograder.classroom.grading_process import ProcessPool as ShippedPool

            shipped_to = Path(self.folder)
            self.processes = ShippedPool(shipped_to, str(data) if self.images else "", toolkit=shipped_to)

        def teardown(self, worker: Any) -> None:
            """End the grading processes; leave nothing behind."""
            del worker
            self.processes.close()
            shutil.rmtree(self.folder, ignore_errors=True)

    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    return Toolkit()
