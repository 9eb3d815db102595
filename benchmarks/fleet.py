"""What runs cost: a step, a run, a wait, and a worker's death.

    python -m benchmarks.fleet [--part steps|rates|takeover|waiting] [--runs N] [--waiting N]

It starts a PostgreSQL of its own. Procrastinate alone stands beside it, and DBOS where it is installed (`pip install dbos`); they
do less: DBOS writes a step once, after it has returned, and Procrastinate nothing of what a job did.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.fleet_runs import SIX_STEPS, WAITING, MemoryEndpoints
from benchmarks.table import megabytes, number, seconds, table
from psbridge.engine import Engine
from psbridge.fleet.store import FleetStore
from psbridge.journal import SqliteStore, Status, Store
from psbridge.journal.opening import Place, open_journal
from tests.fleet.working import PLAYBOOK, far_end_of
from tests.postgres_server import PostgresServer, postgres_programs, postgres_server

__all__ = ["main"]

TENANT = "contoso"
ROOT = Path(__file__).parents[1]


def main() -> None:
    """Measure and print."""
    given = _parser().parse_args()
    programs = postgres_programs()
    if programs is None:
        raise SystemExit("this needs the programs of a PostgreSQL server")
    parts = {"steps": _steps, "rates": _rates, "takeover": _takeover, "waiting": _waiting}
    with postgres_server(programs) as server:
        for name, part in parts.items():
            if given.part in {None, name}:
                print(part(server, given))


def _steps(server: PostgresServer, given: argparse.Namespace) -> str:
    """One run after the other in one thread: milliseconds for each of its six steps."""
    rows = []
    with TemporaryDirectory(prefix="psbridge-benchmark-", dir=given.folder) as folder:
        for name, place in (("a file", Path(folder, "journal.db")), ("PostgreSQL", server.new_database())):
            taken, used = _one_by_one(place, given.runs)
            rows.append(
                [name, seconds(median(taken) / 6 * 1000), seconds(used / len(taken) / 6 * 1000), number(1 / median(taken))]
            )
    return table(
        f"{given.runs} runs of six steps (evidence, three looks, a guard, a destruction), one after the other; medians",
        ["journal", "ms for a step", "of them CPU of psbridge", "runs/s"],
        rows,
    )


def _one_by_one(place: Place, runs: int) -> tuple[list[float], float]:
    taken = []
    with open_journal(place) as store:
        engine = Engine(store, {SIX_STEPS.name: SIX_STEPS}, MemoryEndpoints())
        with engine.working():
            before = _cpu()
            for number_ in range(runs):
                run_id = engine.start(SIX_STEPS.name, {"identity": f"user-{number_}"})
                begun = time.perf_counter()
                engine.advance(run_id)
                taken.append(time.perf_counter() - begun)
    return taken, _cpu() - before


def _rates(server: PostgresServer, given: argparse.Namespace) -> str:
    """Many runs in eight threads of one process, or dispatched to one worker process."""
    rows = []
    with TemporaryDirectory(prefix="psbridge-benchmark-", dir=given.folder) as folder:
        rows.append(["psbridge, a file", number(_in_threads(SqliteStore(Path(folder, "journal.db")), given.runs))])
    rows.append(
        ["psbridge, PostgreSQL", number(_in_threads(FleetStore(server.new_database(), tenant="", connections=18), given.runs))]
    )
    rows.append(["psbridge worker (Procrastinate dispatches)", number(_dispatched(server.new_database(), given.runs))])
    rows.append(["Procrastinate alone, jobs that do nothing", number(_procrastinate_alone(server.new_database(), given.runs))])
    if importlib.util.find_spec("dbos") is not None:
        rows.append(["DBOS, workflows of six steps", number(_dbos(server, given.runs))])
    return table(f"{given.runs} runs of six steps, eight at a time", ["who", "runs/s"], rows)


def _in_threads(store: SqliteStore | FleetStore, runs: int) -> float:
    with store:
        engine = Engine(store, {SIX_STEPS.name: SIX_STEPS}, MemoryEndpoints())
        started = [engine.start(SIX_STEPS.name, {"identity": f"user-{n}"}) for n in range(runs)]
        begun = time.perf_counter()
        with engine.working(), ThreadPoolExecutor(8) as threads:
            list(
                threads.map(lambda run_id: Engine(store, {SIX_STEPS.name: SIX_STEPS}, MemoryEndpoints()).advance(run_id), started)
            )
        return runs / (time.perf_counter() - begun)


def _dispatched(address: str, runs: int) -> float:
    with FleetStore(address, tenant=TENANT) as store:
        engine = Engine(store, {SIX_STEPS.name: SIX_STEPS}, tenant=TENANT)
        for n in range(runs):
            engine.start(SIX_STEPS.name, {"identity": f"user-{n}"})
        begun = time.perf_counter()
        with _process(_alone("worker", address)):
            while any(run.status is not Status.DONE for run in store.runs()):
                time.sleep(0.2)
            return runs / (time.perf_counter() - begun)


def _procrastinate_alone(address: str, runs: int) -> float:
    import procrastinate

    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=address))

    @app.task(name="nothing")
    async def nothing(number_: int) -> int:
        return number_

    async def go() -> float:
        async with app.open_async():
            await app.schema_manager.apply_schema_async()
            for n in range(runs):
                await nothing.defer_async(number_=n)
            begun = time.perf_counter()
            await app.run_worker_async(concurrency=8, wait=False, install_signal_handlers=False)
            return runs / (time.perf_counter() - begun)

    return asyncio.run(go())


def _dbos(server: PostgresServer, runs: int) -> float:
    program = """
import sys, time, json
from dbos import DBOS
DBOS(config={"name": "benchmark", "system_database_url": sys.argv[1], "run_admin_server": False, "log_level": "ERROR"})

@DBOS.step()
def step(n):
    return n

@DBOS.workflow()
def six(n):
    return [step(i) for i in range(6)]

DBOS.launch()
from concurrent.futures import ThreadPoolExecutor
begun = time.perf_counter()
with ThreadPoolExecutor(8) as threads:
    list(threads.map(six, range(int(sys.argv[2]))))
print(json.dumps(int(sys.argv[2]) / (time.perf_counter() - begun)))
DBOS.destroy()
"""
    database = server.new_database().rpartition("dbname=")[2]
    url = f"postgresql+psycopg://postgres@/{database}?host={server.folder}"
    done = subprocess.run(
        [sys.executable, "-c", program, url, str(runs)], capture_output=True, text=True, timeout=600, check=False
    )
    if done.returncode:
        raise SystemExit(f"DBOS: {done.stderr[-2000:]}")
    return float(json.loads(done.stdout.splitlines()[-1]))


def _takeover(server: PostgresServer, given: argparse.Namespace) -> str:
    """Four worker processes of eight threads, one killed in the middle; lease 5 s. The far ends' files are the witness."""
    rows = []
    for trial in range(1, 4):
        with TemporaryDirectory(prefix="psbridge-benchmark-", dir=given.folder) as name:
            folder, address = Path(name), server.new_database()
            with FleetStore(address, tenant=TENANT) as store:
                rows.append([str(trial), *_one_takeover(store, address, folder, given.takeover)])
    return table(
        f"{given.takeover} runs over 4 workers, one killed after a quarter of them; lease 5 s",
        ["trial", "done at the kill", "all done, s after the kill", "destructive steps", "repeated"],
        rows,
    )


def _one_takeover(store: FleetStore, address: str, folder: Path, runs: int) -> list[str]:
    engine = Engine(store, {PLAYBOOK.name: PLAYBOOK}, tenant=TENANT)
    for n in range(runs):
        far_end_of(folder, f"user-{n}")
        engine.start(PLAYBOOK.name, {"identity": f"user-{n}"})
    options = json.dumps({"concurrency": 8, "slowness": 0.1, "lease": 5})
    command = [sys.executable, "-m", "tests.fleet.working", address, str(folder), options]
    workers = [subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL) for _ in range(4)]
    try:
        while (done := _done(store)) < runs / 4:
            time.sleep(0.05)
        workers[0].send_signal(signal.SIGKILL)
        killed = time.perf_counter()
        while _done(store) < runs:
            time.sleep(0.1)
        taken = time.perf_counter() - killed
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
    effects = [far_end_of(folder, f"user-{n}").effects() for n in range(runs)]
    repeated = sum(len(effect) - len(set(effect)) for effect in effects)
    return [number(done), f"{taken:.1f}", number(sum(map(len, effects))), number(repeated)]


def _done(store: FleetStore) -> int:
    with store.connection.read() as tx:
        return int(tx.rows("SELECT count(*) FROM run WHERE status = 'done'")[0][0])


def _waiting(server: PostgresServer, given: argparse.Namespace) -> str:
    """Runs that wait for hours, and one worker that has nothing to do but to know it."""
    rows = []
    with TemporaryDirectory(prefix="psbridge-benchmark-", dir=given.folder) as folder:
        file, address = Path(folder, "journal.db"), server.new_database()
        watched: dict[Place, dict[str, list[str]]] = {file: {"a plain loop, a file": _alone("loop", file)}}
        watched[address] = {
            "a worker in a program, PostgreSQL": _alone("worker", address),
            "psbridge worker, PostgreSQL": _command_line(Path(folder), address),
        }
        for place, processes in watched.items():
            with open_journal(place) as store:
                rows += [[told, "none", *_watched(command, given.watch)] for told, command in processes.items()]
                _let_wait(store, given.waiting)
                waiting = f"{given.waiting:,}"
                rows += [[told, waiting, *_watched(command, given.watch)] for told, command in processes.items()]
    return table(
        f"Waiting runs and one process, watched for {given.watch:.0f} s",
        ["process", "runs that wait", "resident memory, MB", "of it its own, MB", "threads", "CPU, % of one processor"],
        rows,
    )


def _let_wait(store: Store, runs: int) -> None:
    engine = Engine(store, {WAITING.name: WAITING}, MemoryEndpoints(), tenant=TENANT)
    with engine.working(), ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda n: engine.advance(engine.start(WAITING.name, {"identity": f"user-{n}"})), range(runs)))


def _command_line(folder: Path, address: str) -> list[str]:
    """The command as a user starts it, with every installed playbook and the one that waits; nothing is due meanwhile."""
    profile, playbooks = folder / "profile.toml", folder / "playbooks"
    playbooks.mkdir()
    (playbooks / "waiting.py").write_text("from benchmarks.fleet_runs import WAITING as playbook\n")
    endpoint = '[endpoints.directory]\ntransport = "process"\ncommand = ["pwsh"]\n'
    profile.write_text(f"tenant = {json.dumps(TENANT)}\njournal = {json.dumps(address)}\n{endpoint}")
    options = ["--profile", str(profile), "--playbooks", str(playbooks), "--concurrency", "8"]
    return [sys.executable, "-m", "psbridge", "worker", *options]


def _alone(kind: str, place: Place) -> list[str]:
    return [sys.executable, "-m", "benchmarks.waiting_process", kind, str(place)]


def _watched(command: list[str], watch: float) -> list[str]:
    with _process(command) as process:
        time.sleep(8)
        before = _used(process.pid)
        time.sleep(watch)
        used, memory = _used(process.pid) - before, _memory(process.pid)
        threads = len(list(Path(f"/proc/{process.pid}/task").iterdir()))
    return [megabytes(memory["Rss"]), megabytes(memory["Private"]), number(threads), f"{100 * used / watch:.2f}"]


@contextmanager
def _process(command: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _used(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory(pid: int) -> dict[str, int]:
    """Bytes that are resident, and those of them that no other process shares."""
    found: dict[str, int] = {"Rss": 0, "Private": 0}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        name, kilobytes = line.split()[:2]
        kind = name.partition("_")[0].rstrip(":")
        if kind in found:
            found[kind] += int(kilobytes) * 1024
    return found


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fleet", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--part", choices=("steps", "rates", "takeover", "waiting"), help="one part only")
    parser.add_argument("--runs", type=int, default=500, help="runs for steps and rates")
    parser.add_argument("--takeover", type=int, default=500, help="runs of a take-over")
    parser.add_argument("--waiting", type=int, default=20_000, help="runs that wait")
    parser.add_argument("--watch", type=float, default=30.0, help="seconds for which the worker is watched")
    parser.add_argument("--folder", help="where files are made; default: the system's temporary folder")
    return parser


if __name__ == "__main__":
    main()
