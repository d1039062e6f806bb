"""Workers: real processes, which may raise, hang or die at the cost of their own job only."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

import automl
from automl.errors import ParityError
from automl.searching.workers import Done, Forked, InProcess, Job, _affordable
from tests.unit.automl.engine_samples import quick

SCRIPT = """
import sys, time
from automl.searching.workers import Forked, Job

team = Forked(lambda job: time.sleep(600), count=2)
team.start(Job(0, 0, 0, 600.0))
print(*(worker.process.pid for worker in team._workers), flush=True)
time.sleep(600)
"""


def work(job):
    """Do what the candidate's number says."""
    match job.candidate:
        case 0:
            return job.fold, os.getpid()
        case 1:
            raise ValueError("no")
        case 2:
            time.sleep(600)
        case 3:
            os._exit(3)
        case 4:
            os.kill(os.getpid(), signal.SIGKILL)
        case 5:
            raise ParityError("they differ")
        case 6:
            raise MemoryError
    return lambda: "cannot be pickled"


def job(candidate, fold=0, seconds=60.0):
    return Job(candidate, 0, fold, seconds)


@pytest.fixture
def team():
    """Two processes."""
    forked = Forked(work, count=2)
    yield forked
    forked.close()


def done(team, count):
    """Wait for so many jobs."""
    ended = []
    while len(ended) < count:
        ended += team.wait(30.0)
    return ended


def test_results_come_back_from_other_processes(team):
    team.start(job(0, fold=0))
    team.start(job(0, fold=1))

    assert team.idle == 0
    ended = done(team, 2)

    assert team.idle == 2
    assert sorted(one.result[0] for one in ended) == [0, 1]
    assert len({os.getpid(), *(one.result[1] for one in ended)}) == 3
    assert {one.job.fold for one in ended} == {0, 1}


def test_a_fold_goes_to_the_process_that_has_its_matrices(team):
    first = []
    for fold in (1, 0, 1, 0):
        team.start(job(0, fold))
        first += done(team, 1)

    pids = [one.result[1] for one in first]
    assert pids[:2] == pids[2:]
    assert pids[0] != pids[1]


def test_a_job_that_raises_ends_with_its_fault_and_its_process_goes_on(team):
    team.start(job(1))
    (one,) = done(team, 1)
    before = {worker.process.pid for worker in team._workers}

    assert (one.fault, one.result) == ("ValueError: no", None)
    team.start(job(0))
    assert done(team, 1)[0].result[1] in before


@pytest.mark.parametrize("way", [3, 4], ids=["exits", "is killed"])
def test_a_process_that_dies_costs_only_its_job_and_is_replaced(team, way):
    team.start(job(0, fold=1))
    team.start(job(way, fold=0))

    ended = {one.job.candidate: one for one in done(team, 2)}

    assert ended[0].fault is None
    assert "died" in ended[way].fault
    team.start(job(0, fold=0))
    assert done(team, 1)[0].fault is None


def test_a_job_that_hangs_is_ended_after_its_time_and_its_process_replaced(team, monkeypatch):
    monkeypatch.setattr("automl.searching.workers.GRACE_SECONDS", 0.05)
    team.start(job(2, seconds=0.05))
    stuck = next(worker.process.pid for worker in team._workers if worker.job is not None)

    (one,) = done(team, 1)

    assert one.fault == "it took too long"
    assert not psutil.pid_exists(stuck)
    assert team.idle == 2
    team.start(job(0))
    assert done(team, 1)[0].fault is None


def test_waiting_ends_when_asked_though_the_job_goes_on(team):
    team.start(job(2, seconds=600.0))

    assert team.wait(0.01) == []
    assert team.idle == 1


def test_nothing_is_waited_for_where_nothing_runs(team):
    assert team.wait(600.0) == []


def test_a_candidate_that_cannot_be_exported_costs_only_its_job_and_is_named(team):
    team.start(job(5))

    (one,) = done(team, 1)

    assert (one.fault, one.ours) == ("ParityError: they differ", True)
    team.start(job(0))
    assert done(team, 1)[0].fault is None


def test_a_result_that_cannot_be_sent_costs_only_its_job(team):
    team.start(job(7))

    (one,) = done(team, 1)

    assert one.fault is not None
    team.start(job(0))
    assert done(team, 1)[0].fault is None


def test_closing_ends_every_process_even_one_at_work(team):
    team.start(job(2))
    processes = [psutil.Process(worker.process.pid) for worker in team._workers]

    team.close()

    assert not any(process.is_running() for process in processes)
    assert team.idle == 0
    team.close()


def test_training_leaves_no_process_behind_whatever_ends_it(mixed_table, monkeypatch):
    monkeypatch.setattr("automl.training.candidates", quick)
    before = set(psutil.Process().children(recursive=True))

    def cancel(progress):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        automl.fit(mixed_table, automl.FitConfig("sold"), cancel)

    assert set(psutil.Process().children(recursive=True)) == before


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of their parent's death")
def test_the_death_of_the_parent_ends_its_children():
    folder = Path(automl.__file__).parents[1]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), *sys.path])}
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT], stdout=subprocess.PIPE, text=True, env=environment
    ) as parent:
        children = [psutil.Process(int(pid)) for pid in parent.stdout.readline().split()]
        assert len(children) == 2

        parent.kill()

    gone, alive = psutil.wait_procs(children, timeout=60)
    for orphan in alive:
        orphan.kill()
    assert (len(gone), alive) == (2, [])


def test_in_this_process_each_job_is_done_at_once_and_those_of_ours_are_told_apart():
    team = InProcess(work)

    team.start(job(0, fold=3))
    assert team.idle == 0
    assert team.wait(0.0)[0].result == (3, os.getpid())
    team.start(job(6))
    assert team.wait(0.0) == [Done(job(6), fault="MemoryError: ")]
    team.start(job(5))
    assert team.wait(0.0) == [Done(job(5), fault="ParityError: they differ", ours=True)]
    assert team.idle == 1
    assert team.wait(0.0) == []
    team.close()


def test_no_more_processes_are_started_than_the_memory_bears():
    assert _affordable(4, 1) == 4
    assert _affordable(4, 10**18) == 1
