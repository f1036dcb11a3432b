"""A process that has the grader's modules loaded, and forks a grader for every line on its standard input.

Run with the project and how it is confined. Each grader is a process of its own with a zygote of its own, started
by exec as ever; what it is spared is the second that an interpreter takes to load pytest and NumPy.
"""

import gc
import json
import os
import resource
import signal
import sys
import time


def grade(order):
    """One grading as `python -m autograder` does it: its exit status, seconds and peak in bytes."""
    begun = time.monotonic()
    pid = os.fork()
    if pid == 0:
        status = 70
        try:
            status = become_grader(order)
        finally:
            os._exit(status)
    if signal.sigtimedwait([signal.SIGCHLD], order["patience"]) is None:
        os.kill(pid, signal.SIGKILL)
    _, status, usage = os.wait4(pid, 0)
    seconds = time.monotonic() - begun
    return {"status": os.waitstatus_to_exitcode(status), "seconds": seconds, "peak": usage.ru_maxrss * 1024}


def become_grader(order):
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])
    said = os.open(order["said"], os.O_WRONLY | os.O_TRUNC)
    null = os.open(os.devnull, os.O_RDONLY)
    for file, target in ((null, 0), (said, 1), (said, 2)):
        os.dup2(file, target)
    sys.argv[1:] = order["arguments"]
    try:
        main()
    except SystemExit as ending:
        return ending.code if isinstance(ending.code, int) else int(ending.code is not None)
    finally:
        own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        print(f"grader's own peak: {own}", file=sys.stderr)
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


if __name__ == "__main__":
    project, confinement = sys.argv[1:]
    sys.path[0:0] = [project]
    os.chdir(project)
    from autograder.cli.app import main
    from autograder.grading import demonstration, pipeline  # noqa: F401  loaded here for every grader
    from autograder.wall import docker_rules

    if confinement:
        docker_rules.confine(landlock=confinement == "docker")
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
    gc.freeze()
    for line in sys.stdin:
        print(json.dumps(grade(json.loads(line))), flush=True)
