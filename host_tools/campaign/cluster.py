"""The same tasks on a dask.distributed cluster, whose workers have this program installed.

A worker that is lost is the cluster's affair: its tasks are flown elsewhere, with the same rows.
"""

import contextlib
import logging
import re
import socket
import warnings
from collections.abc import Iterator, Sequence
from typing import Any, cast

from host_tools.campaign.pool import WorkerLost
from host_tools.campaign.tasks import Flown, Task, do, prepare

_CONNECT_S = 20.0
_FIRST_WORKER_S = 60.0
_ADDRESS = re.compile(r"(?:tcp|tls)://(\[[0-9A-Fa-f:]+\]|[^:/\s]+):(\d{1,5})/?")


class NoCluster(Exception):
    """There is no cluster at that address, or it has no workers; one line."""


def check_address(address: str) -> tuple[str, int]:
    """(host, port) of a scheduler's address. Raises ValueError."""
    match = _ADDRESS.fullmatch(address)
    if match is None or not 0 < int(match[2]) < 65536:
        raise ValueError("must be a scheduler's address, as in tcp://10.0.0.1:8786")
    return match[1].strip("[]"), int(match[2])


@contextlib.contextmanager
def connected(address: str) -> Iterator[Any]:
    """A client of the scheduler at `address`. Raises NoCluster, and ValueError for what is no address."""
    place = check_address(address)
    try:
        socket.create_connection(place, _CONNECT_S).close()
    except OSError as error:
        raise NoCluster(f"no scheduler answers at {address}: {error.strerror or error}") from None
    import distributed

    logging.disable(logging.CRITICAL)  # what is lost is said once, in one line
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of versions: tasks.do compares what matters
            try:
                client: Any = cast(Any, distributed).Client(
                    address, timeout=_CONNECT_S, set_as_default=False, name="plumbline"
                )
            except (OSError, ValueError):
                raise NoCluster(f"what answers at {address} is no dask scheduler") from None
            try:
                _wait_for_a_worker(client, address)
                yield client
            finally:
                with contextlib.suppress(OSError, TimeoutError):
                    client.close(timeout=5)
    finally:
        logging.disable(logging.NOTSET)


def _wait_for_a_worker(client: Any, address: str) -> None:
    try:
        client.wait_for_workers(1, timeout=_FIRST_WORKER_S)
    except TimeoutError:
        raise NoCluster(f"the scheduler at {address} has no workers") from None


def on_cluster(client: Any, tasks: Sequence[Task]) -> Iterator[Flown]:
    """The tasks as they are done, in any order. Raises WorkerLost when the cluster gives up."""
    import distributed
    from distributed import CancelledError, KilledWorker

    address = client.scheduler.address
    try:
        _prepare(client, tasks[0])
        futures = client.map(do, tasks, pure=False)
        for future in cast(Any, distributed).as_completed(futures, loop=client.loop):
            yield future.result()
            future.release()
    except (CancelledError, OSError):
        raise WorkerLost(f"the scheduler at {address} is lost") from None
    except KilledWorker as error:
        raise WorkerLost(
            f"the cluster at {address} gave up a task in which several workers died ({error.task})"
        ) from None
    except RuntimeError as error:
        if "deserialization" not in str(error):
            raise
        raise WorkerLost(f"the cluster at {address} does not know this program: install it there") from None


def _prepare(client: Any, task: Task) -> None:
    """Once on each machine, by one of its workers."""
    workers = client.scheduler_info(n_workers=-1)["workers"]
    one_each = {info["host"]: address for address, info in workers.items()}
    client.gather(
        [
            client.submit(prepare, task, workers=[address], allow_other_workers=True, pure=False)
            for address in one_each.values()
        ]
    )
