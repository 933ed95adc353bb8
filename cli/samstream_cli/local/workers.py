"""A function on this machine: execution environments that start when needed, stay warm, and end with the session."""

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Self

from .invocation import Answer, FunctionError
from .launch import ADAPTER_PORTS, FunctionSpec, Launch
from .ports import Ports, is_strangers
from .posted import Invocation
from .processes import ProcessGroup
from .runtime_api import RuntimeApi

LIMIT = 10
GRACE = 0.5
"""Seconds between SIGTERM and SIGKILL, as Lambda gives its extensions at most."""

NEARLY_FREE = 0.25
"""Seconds that an environment has, once it has answered, before another one is started."""

PORT_VARIABLES = (*ADAPTER_PORTS, "AWS_LWA_READINESS_CHECK_PORT", "READINESS_CHECK_PORT")

Log = Callable[[str, str], None]


class Worker:
    """One execution environment: a Runtime API and the processes that it serves."""

    def __init__(self, spec: FunctionSpec, launch: Launch, ports: Ports, log: Log) -> None:
        self.api = RuntimeApi(spec.arn, spec.name, spec.handler)
        self._spec = spec
        self._launch = launch
        self._ports = ports
        self._port = 0
        self._invocation: Invocation | None = None
        self._group = ProcessGroup(lambda line: log(spec.name, line))
        self._watch: asyncio.Task[None] | None = None

    async def start(self, timeout: float) -> None:
        """Starts the processes and waits until the runtime asks for work. Raises `TimeoutError` or `FunctionError`."""
        runtime_api = await self.api.start()
        environment = {**self._launch.environment, "AWS_LAMBDA_RUNTIME_API": runtime_api}
        if wished := self._launch.port:
            self._port = self._ports.take(wished)
            for name in PORT_VARIABLES:
                if name in ADAPTER_PORTS or environment.get(name) == str(wished):
                    environment[name] = str(self._port)
        await self._group.start(self._launch.commands, self._launch.folder, environment)
        self._watch = asyncio.create_task(self._watch_exit())
        async with asyncio.timeout(timeout):
            await self.api.ready()
        await self._check_app(f"AWS_LAMBDA_RUNTIME_API={runtime_api}\0")

    async def _check_app(self, mark: str) -> None:
        """An adapter takes whatever answers on the port for its app."""
        if not self._port:
            return
        if self._group.ended:
            await self._watch_exit()
        elif is_strangers(self._port, self._group.id, mark):
            self.api.fail(FunctionError("Runtime.ExitError", f"port {self._port} is taken by another process"))
        if self.api.failure:
            raise self.api.failure

    @property
    def usable(self) -> bool:
        return not (self.api.failure or self._group.ended)

    @property
    def finishing(self) -> bool:
        """Whether the answer is out, and only the runtime's next request is missing."""
        return self._invocation is not None and self._invocation.out and self.usable

    @property
    def slow_start(self) -> str:
        """What a start that takes too long may be waiting for."""
        if not self._port:
            return "its runtime didn't ask for an event"
        told = (
            f"the adapter waits until the app answers on port {self._port}, which it is told as PORT and AWS_LWA_PORT"
        )
        return "; ".join((told, *self._taken))

    def failed_start(self, error: FunctionError) -> FunctionError:
        """The error, with what may have led to it."""
        return FunctionError(error.kind, "; ".join((error.message, *self._taken)))

    @property
    def _taken(self) -> tuple[str, ...]:
        wished = self._launch.port
        if self._port == (wished or 0):
            return ()
        return (f"port {wished} is taken by another process, so the app was given {self._port}",)

    async def _watch_exit(self) -> None:
        status = await self._group.exited()
        how = f"signal {-status}" if status < 0 else f"exit status {status}"
        reason = f"exited with error: {how}" if status else "exited without providing a reason"
        self._group.kill()  # Lambda ends the environment as a whole.
        self.api.fail(FunctionError("Runtime.ExitError", f"Runtime {reason}"))

    async def invoke(self, event: bytes, given: asyncio.Future[Answer]) -> None:
        """Sees an event through, until the environment is free again or lost."""
        invocation = self._invocation = self.api.invoke(event, self._spec.timeout)
        timer = asyncio.get_running_loop().call_later(self._spec.timeout, self._time_out)
        try:
            await _pass_on(invocation, given)
            await invocation.over.wait()
        finally:
            timer.cancel()
            self._invocation = None

    def _time_out(self) -> None:
        told = f"Task timed out after {self._spec.timeout:.2f} seconds"
        self.api.fail(FunctionError("Sandbox.Timedout", told))
        self._group.kill()
        self.api.cut()

    async def stop(self, grace: float = GRACE, *, cut: bool = True) -> None:
        """Ends the processes. Without `cut`, what came of an answer is left to its reader first."""
        if self._watch:
            self._watch.cancel()
        if not self.api.failure:
            self.api.fail(FunctionError("Sandbox.Stopped", "the function was stopped"))
        self.api.shut_down()
        await self._group.stop(grace)
        if cut:
            self.api.cut()
        else:
            await self.api.read_out()
        await self.api.close()
        self._ports.give_back(self._port)


async def _pass_on(invocation: Invocation, given: asyncio.Future[Answer]) -> None:
    """Gives the answer to who asked; who left leaves it to be dropped."""
    try:
        answer = await invocation.answer
    except FunctionError as error:
        if not given.done():
            given.set_exception(error)
        return
    if not given.done():
        given.set_result(answer)
    else:
        await _drop(answer)


async def _drop(answer: Answer) -> None:
    if close := getattr(answer.chunks, "aclose", None):
        await close()


class LambdaFunction:
    """A function with up to `limit` environments at once.

    Lambda refuses invocations over the limit with 429 (TooManyRequests). Here they wait instead: a laptop's limit is
    chosen for the laptop and says nothing about the deployed function.
    """

    def __init__(
        self,
        spec: FunctionSpec,
        launch: Launch,
        *,
        log: Log,
        ports: Ports | None = None,
        limit: int = LIMIT,
    ) -> None:
        self._spec = spec
        self._launch = launch
        self._log = log
        self._ports = ports or Ports()
        self._places = asyncio.Semaphore(limit)
        self._idle: asyncio.LifoQueue[Worker] = asyncio.LifoQueue()
        self._workers: set[Worker] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._first = asyncio.Lock()
        self._is_single = False

    @property
    def name(self) -> str:
        return self._spec.name

    @property
    def timeout(self) -> float:
        return self._spec.timeout

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing that was started is left when this returns."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(worker.stop() for worker in self._workers))
        self._workers.clear()

    async def invoke(self, event: bytes) -> Answer:
        """See `Function`. A caller that is cancelled leaves the function running, as a client does that leaves."""
        given: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(self._run(event, given))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            return await given
        except asyncio.CancelledError:
            if given.done() and not given.cancelled() and not given.exception():
                await _drop(given.result())
            raise

    async def _run(self, event: bytes, given: asyncio.Future[Answer]) -> None:
        try:
            async with self._places:
                if not given.done():  # Whoever left while waiting never invoked anything.
                    await self._serve(event, given)
        except FunctionError as error:
            if not given.done():
                given.set_exception(error)
        finally:
            given.cancel()

    async def _serve(self, event: bytes, given: asyncio.Future[Answer]) -> None:
        worker = await self._free_worker()
        await worker.invoke(event, given)
        if not worker.api.failure:
            self._idle.put_nowait(worker)
            return
        if given.cancelled() or not given.exception():
            self._log(self.name, str(worker.api.failure))
        await self._discard(worker, cut=False)

    async def _free_worker(self) -> Worker:
        while worker := await self._idle_worker():
            if worker.usable:
                return worker
            await self._discard(worker)
        if self._is_single and (worker := await self._busy_worker()):
            return worker
        try:
            return await self._new_worker(self._launch.init_timeout)
        except TimeoutError as error:
            self._log(self.name, f"INIT_REPORT Phase: init Status: timeout ({error})")
        except FunctionError:
            if self._launch.port is None or not self._workers:
                raise
            if not self._is_single:
                self._log(self.name, f"its app insists on port {self._launch.port}, so it has one process at a time")
            self._is_single = True
            return await self._free_worker()
        try:  # As Lambda does: a start that took too long is tried again as a part of the invocation.
            return await self._new_worker(self.timeout)
        except TimeoutError as error:
            told = f"Task timed out after {self.timeout:.2f} seconds while it started: {error}"
            raise FunctionError("Sandbox.Timedout", told) from None

    async def _busy_worker(self) -> Worker | None:
        """One that others use, once it is free; None when all have ended."""
        while self._workers:
            try:
                worker = await asyncio.wait_for(self._idle.get(), NEARLY_FREE)
            except TimeoutError:
                continue
            if worker.usable:
                return worker
            await self._discard(worker)
        return None

    async def _idle_worker(self) -> Worker | None:
        """A warm one. One that has answered asks for more in a moment: that is worth waiting for."""
        if self._idle.empty() and not any(worker.finishing for worker in self._workers):
            return None
        try:
            return await asyncio.wait_for(self._idle.get(), NEARLY_FREE)
        except TimeoutError:
            return None

    async def _new_worker(self, timeout: float) -> Worker:
        """The first with an app starts alone: where the app insists on its port, the one that was given it gets it."""
        if self._launch.port is not None:
            async with self._first:
                if not self._workers:
                    return await self._start_worker(timeout)
        return await self._start_worker(timeout)

    async def _start_worker(self, timeout: float) -> Worker:
        worker = Worker(self._spec, self._launch, self._ports, self._log)
        self._workers.add(worker)
        try:
            await worker.start(timeout)
        except TimeoutError:
            await self._discard(worker)
            raise TimeoutError(worker.slow_start) from None
        except FunctionError as error:
            await self._discard(worker)
            raise worker.failed_start(error) from None
        return worker

    async def _discard(self, worker: Worker, *, cut: bool = True) -> None:
        await worker.stop(grace=0, cut=cut)
        self._workers.discard(worker)
