"""A whole class through the real command line: every kind of submission, resumption, and what dies on the way."""

import csv
import json
import os
import shutil
import signal
import socketserver
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from autograder.assignment.bundle import DECIDING
from autograder.classroom import grades, regrade, store
from autograder.classroom.journal import Journal
from benchmarks.scaling import results as comparable

ROOT = Path(__file__).resolve().parents[3]
QUICK = ("--only", "mse", "--jobs", "2")


def command(*arguments):
    return [sys.executable, "-m", "autograder", *map(str, arguments)]


def run(*arguments, **options):
    return subprocess.run(
        command(*arguments), cwd=ROOT, capture_output=True, text=True, timeout=200, check=False, **options
    )


def flat(text):
    return " ".join(text.split())


def put(folder, files):
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """An export with everything in it, graded once: (export, out, what was printed)."""
    from autograder.assignment import config
    from autograder.assignment.files import read_sources
    from autograder.assignment.variants import load, render

    reference = read_sources(config.load().reference)
    chaffs = load(ROOT / "reference" / "chaffs")
    mistaken = render(reference, [next(c for c in chaffs.values() if "3.2" in c.costs)])
    folder = tmp_path_factory.mktemp("class") / "assignment_1_export"
    put(folder / "submission_1", reference)
    put(folder / "submission_2", mistaken)
    put(folder / "submission_3", {"notes.txt": b"nothing to grade"})
    put(folder / "submission_4", {"homework.zip": b"PK\x03\x04 torn"})
    people = {
        "submission_1": [("Ada García", "1", "ada@example.edu"), ("=cmd|' /C calc'!A0", "2", "")],
        "submission_2": [("李小龙", "3", "li@example.edu")],
        "submission_3": [("Ada García", "4", "ada2@example.edu")],
        "submission_4": [("Grace", "5", "grace@example.edu")],
        "submission_5": [("Joan", "6", "joan@example.edu")],
    }
    lines = []
    for name, group in people.items():
        lines += [f"{name}:", "  :submitters:"]
        for who, sid, email in group:
            lines += [f"  - :name: {json.dumps(who)}", f"    :sid: '{sid}'", f"    :email: {email}"]
        lines += ["  :created_at: 2024-02-27 01:30:00 -05:00", "  :results:", "    tests:"]
        lines += ["    - number: '3.1'", "      score: 1.75", "    - number: '3.2'", "      score: 2.5", "  :score: 5"]
    (folder / "submission_metadata.yml").write_text("\n".join(lines), encoding="utf-8")
    out = folder.parent / "out"
    done = run("batch", folder, "--out", out, *QUICK)
    return folder, out, done


def results(out, name):
    return json.loads((out / name / "results.json").read_text(), parse_constant=pytest.fail)


def test_every_submission_is_graded_and_every_odd_one_said(made):
    _, out, done = made
    assert done.returncode == 0, done.stderr
    assert [results(out, f"submission_{n}")["score"] for n in (1, 2, 3, 4)] == [5, 2, 0, 0]
    assert "no Python files" in results(out, "submission_3")["output"]
    assert not (out / "submission_5").exists()
    assert "submission_5" in done.stdout
    said = flat(done.stdout)
    assert "2 graded, 0 kept, 2 flagged, 0 lost, 3 with nothing to grade" in said
    assert "look at Ada García (submission_3): There was nothing to grade. There are no Python files" in said
    assert "in this submission: it holds notes.txt." in said
    assert "look at Grace (submission_4): There was nothing to grade." in said
    assert "submission_metadata.yml names it, and the export has no such folder" in said


def test_an_extension_for_somebody_unknown_is_said_and_the_rest_graded(made, tmp_path):
    export, graded, _ = made
    out = shutil.copytree(graded, tmp_path / "out")  # which keeps the extension for later runs
    file = tmp_path / "extensions.csv"
    file.write_text("student,days\nmarie@example.edu,2\nAda García,1\n3,1\n", encoding="utf-8")
    done = run("batch", export, "--out", out, *QUICK, "--extensions", file)
    said = flat(done.stdout)
    assert "extensions, line 2: nobody in this class is called 'marie@example.edu'." in said
    assert "extensions, line 3: 2 people are called 'Ada García'" in said
    assert "line 4" not in said
    assert "0 graded, 2 kept" in said


def test_a_second_run_grades_nothing_and_changes_nothing(made):
    export, out, _ = made
    before = {file: file.read_bytes() for file in out.rglob("*") if file.is_file()}
    done = run("batch", export, "--out", out, *QUICK)
    assert "0 graded, 2 kept" in flat(done.stdout)
    assert {file: file.read_bytes() for file in out.rglob("*") if file.is_file()} == before


def test_a_changed_submission_and_a_lost_result_are_graded_again(made, tmp_path):
    export, _, _ = made
    out = tmp_path / "out"
    folder = tmp_path / "class"
    for name in ("submission_1", "submission_2"):
        put(
            folder / name,
            {p.relative_to(export / name).as_posix(): p.read_bytes() for p in (export / name).rglob("*.py")},
        )
    assert "2 graded, 0 kept" in flat(run("batch", folder, "--out", out, *QUICK).stdout)
    with (folder / "submission_1" / "beras" / "losses.py").open("a") as file:
        file.write("# later\n")
    assert "1 graded, 1 kept" in flat(run("batch", folder, "--out", out, *QUICK).stdout)
    (out / "submission_2" / "results.json").write_text("{")
    with (out / "journal.jsonl").open("a") as file:
        file.write('{"id": "submission_1", "ke')
    assert "1 graded, 1 kept" in flat(run("batch", folder, "--out", out, *QUICK).stdout)
    assert "2 graded, 0 kept" in flat(run("batch", folder, "--out", out, *QUICK, "--force").stdout)


def test_a_table_has_a_row_a_person_and_no_formula(made):
    _, out, _ = made
    raw = (out / "grades.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(raw.decode("utf-8-sig").splitlines()))
    assert [row["name"] for row in rows].count("Ada García") == 2
    assert {row["name"]: row["score"] for row in rows}["李小龙"] == "2"
    assert next(row for row in rows if row["sid"] == "2")["name"].startswith("'=cmd")
    joan = next(row for row in rows if row["name"] == "Joan")
    assert (joan["score"], joan["status"]) == ("", "unreadable")
    records = [json.loads(line) for line in (out / "grades.jsonl").read_text().splitlines()]
    assert len(records) == len(rows) == 6
    assert next(record for record in records if record["sid"] == "3")["mistakes"]["3.2"]


def test_gradebooks_get_their_own_columns(made):
    _, out, _ = made
    canvas = list(csv.reader((out / "grades-canvas.csv").read_text("utf-8-sig").splitlines()))
    assert canvas[0] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Beras"]
    assert canvas[1][0].strip() == "Points Possible"
    assert ["李小龙", "", "3", "li@example.edu", "", "2"] in canvas
    gradescope = list(csv.reader((out / "grades-gradescope.csv").read_text("utf-8-sig").splitlines()))
    assert gradescope[0][-3:] == ["Beras - Max Points", "Beras - Submission Time", "Beras - Lateness (H:M:S)"]
    row = ["Ada", "García", "1", "ada@example.edu", "", "5", "5", "2024-02-27 01:30:00 -0500", "07:30:00"]
    assert row in gradescope


def test_diff_tells_what_publishing_would_change_and_why(made):
    export, out, _ = made
    done = run("diff", export, out, "--fail-on-change", env={**os.environ, "COLUMNS": "200"})
    assert done.returncode == 1
    assert "4 submissions compared: 0 would gain, 3 would lose, 1 keep their score" in flat(done.stdout)
    found = json.loads(run("diff", export, out, "--json").stdout)
    assert found["only_old"] == ["submission_5"]
    change = next(c for c in found["tests"] if c["id"] == "submission_2")
    assert (change["test"], change["old"], change["new"]) == ("3.2", 2.5, 0.0)
    assert "gradient" in change["reason"]
    same = run("diff", out, out, "--fail-on-change")
    assert same.returncode == 0
    assert not regrade.compare(regrade.read(out), regrade.read(out)).changed


def test_lateness_is_applied_to_what_is_graded_without_grading_again(made, tmp_path):
    export, out, _ = made
    project = tmp_path / "project"
    project.mkdir()
    for name in ("autograder", "homework", "reference", "student_template", "tests"):
        (project / name).symlink_to(ROOT / name)
    from autograder.assignment import config
    from autograder.classroom import batch

    text = (ROOT / "assignment.toml").read_text()
    (project / "assignment.toml").write_text(text.replace("penalty_per_day = 0.0", "penalty_per_day = 0.2"))
    strict, usual = config.load(project), config.load()
    assert strict.late["programming"].penalty_per_day == 0.2
    assert batch.fingerprint(strict, batch.Options()) == batch.fingerprint(usual, batch.Options())
    from autograder.classroom import sources
    from autograder.results import lateness

    with sources.open_source(export) as source:
        room = store.of_source(out, source)
        late_policy = lateness.load_late_policy(strict, "programming")
        document = room.entries[0].results
        late = lateness.apply(document, late_policy.lateness(room.entries[0].created_at, room.entries[0].people))
    assert late["score"] == 4
    assert document["score"] == 5


def wait_for(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.05)
    return pytest.fail("it did not happen in time")


def children(pid):
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(stat.read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(stat.parent.name))
        except (OSError, IndexError, ValueError):
            continue
    return found


@pytest.fixture
def four(made, tmp_path):
    """Four copies of one submission, as a folder of folders."""
    folder = tmp_path / "class"
    for number in range(4):
        put(
            folder / f"s{number}",
            {
                p.relative_to(made[0] / "submission_2").as_posix(): p.read_bytes()
                for p in (made[0] / "submission_2").rglob("*.py")
            },
        )
    return folder


@pytest.mark.skipif(sys.platform != "linux", reason="finds processes in /proc")
def test_a_grading_process_that_dies_costs_nothing(four, tmp_path):
    out = tmp_path / "out"
    with subprocess.Popen(
        command("batch", four, "--out", out, *QUICK), cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        os.kill(wait_for(lambda: children(process.pid))[0], signal.SIGKILL)
        said = flat(process.communicate(timeout=120)[0])
    assert "4 graded" in said and "0 lost" in said
    assert len(comparable(out)) == 4


@pytest.mark.parametrize(
    ("ending", "status"), [pytest.param(signal.SIGINT, 130, marks=pytest.mark.slow), (signal.SIGKILL, -signal.SIGKILL)]
)
def test_a_batch_that_is_stopped_goes_on_where_it_was(four, tmp_path, ending, status):
    out = tmp_path / "out"
    process = subprocess.Popen(command("batch", four, "--out", out, *QUICK), cwd=ROOT, stdout=subprocess.DEVNULL)
    journal = out / "journal.jsonl"
    wait_for(lambda: journal.exists() and journal.read_bytes().count(b"\n") >= 1)
    process.send_signal(ending)
    assert process.wait(30) == status
    recorded = journal.read_bytes().count(b"\n")
    assert recorded < 4
    said = flat(run("batch", four, "--out", out, *QUICK).stdout)
    assert f"{4 - recorded} graded, {recorded} kept" in said
    names = [json.loads(line)["id"] for line in journal.read_text().splitlines()]
    assert len(names) == len(set(names)) == 4


def test_two_batches_do_not_write_into_one_folder(tmp_path, four):
    out = tmp_path / "out"
    out.mkdir()
    journal = Journal(out)
    done = run("batch", four, "--out", out, *QUICK)
    journal.close()
    assert done.returncode == 2
    assert "Another batch" in flat(done.stderr)


def test_what_the_grader_fails_on_is_recorded_as_its_fault_and_tried_again_later(
    tmp_path, made, assignment, monkeypatch
):
    from autograder.classroom import batch, executors, sources
    from autograder.classroom.grading_process import ProcessPool

    class Doomed(ProcessPool):
        """One whose machine ends every grading of one submission."""

        def perform(self, task):
            if task["id"] == "submission_1":
                return {"lost": "it was ended by signal 9", "machine": "here"}
            return super().perform(task)

    monkeypatch.setattr(executors, "ProcessPool", Doomed)
    options = batch.Options(only="mse")
    with sources.open_source(made[0]) as source:
        room = store.of_source(tmp_path / "out", source)
        tally = batch.Batch(room, assignment, options).run(
            lambda _: executors.local(assignment.root, 2, options.data(assignment.homework))
        )
        assert tally.failed == ["submission_1"]
        assert tally.done == 3
        document = results(tmp_path / "out", "submission_1")
        assert "not your fault" in document["output"]
        assert "signal 9" in document["extra_data"]["problem"]
        row = next(row for row in grades.read(room).rows if row.entry.id == "submission_1")
        assert (row.status, row.score) == (grades.FAULT, None)
        monkeypatch.undo()
        again = batch.Batch(room, assignment, options).run(
            lambda _: executors.local(assignment.root, 2, options.data(assignment.homework))
        )
        assert (again.done, again.kept, again.failed) == (1, 3, [])
        assert results(tmp_path / "out", "submission_1")["score"] == 5


def test_a_full_disk_ends_the_batch_with_a_sentence_and_whole_results(small_disk, four):
    done = run("batch", four, "--out", small_disk / "o", *QUICK)
    whole = comparable(small_disk / "o")
    assert done.returncode == 3
    assert "make room" in flat(done.stderr)
    assert 0 < len(whole) < 4


def limited_to(size):
    """In a child: no file may grow beyond `size`, as on a disk that is full."""
    import resource

    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def test_a_disk_that_is_full_when_the_tables_are_written_is_said_and_costs_no_result(made):
    export, out, _ = made
    before = comparable(out)
    size = (out / "class.json").stat().st_size
    assert (out / "grades.jsonl").stat().st_size > size
    # The first is about grades that can be lost, the second about a page that can be made again.
    for arguments, status in ((("batch", export, "--out", out, *QUICK), 3), (("report", out), 2)):
        done = run(*arguments, preexec_fn=limited_to(size))
        assert done.returncode == status
        assert "cannot be written" in flat(done.stderr) and "room" in flat(done.stderr).casefold()
    assert comparable(out) == before
    assert "0 graded, 2 kept" in flat(run("batch", export, "--out", out, *QUICK).stdout)


@pytest.fixture
def listening():
    """A function that answers everybody with the same bytes; it returns the port."""
    servers = []

    def listen(answer):
        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                self.request.sendall(answer)
                while self.request.recv(4096):
                    pass

        server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return server.server_address[1]

    yield listen
    for server in servers:
        server.shutdown()
        server.socket.close()


@pytest.mark.parametrize("answer", [None, b"", b"HTTP/1.1 400 Bad Request\r\n\r\n"])
def test_an_unreachable_cluster_is_said_within_seconds(made, tmp_path, listening, answer):
    port = 9 if answer is None else listening(answer)
    done = run("batch", made[0], "--out", tmp_path / "out", "--cluster", f"tcp://127.0.0.1:{port}")
    assert done.returncode == 2
    assert "cannot be reached" in flat(done.stderr) and "nothing was graded" in flat(done.stderr)
    assert "Traceback" not in done.stderr
    assert not list((tmp_path / "out").glob("*/results.json"))


def test_processes_of_a_local_cluster_give_the_same_bytes_times_aside(made, tmp_path):
    done = run("batch", made[0], "--out", tmp_path / "out", "--only", "mse", "--cluster", "local:2")
    assert done.returncode == 0, done.stderr
    assert comparable(tmp_path / "out") == comparable(made[1])
    names = ("grades.csv", "grades-canvas.csv", "grades-gradescope.csv", "class.json", "similar.json")
    assert [(tmp_path / "out" / name).read_bytes() == (made[1] / name).read_bytes() for name in names] == [True] * 5


def test_a_cluster_whose_machines_have_no_toolkit_gives_the_same_results(made, tmp_path):
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    environment["DASK_DISTRIBUTED__WORKER__DAEMON"] = "False"
    file = tmp_path / "scheduler.json"
    start = {"cwd": tmp_path, "env": environment, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    dask = [sys.executable, "-m", "distributed.cli"]
    scheduler = subprocess.Popen(
        [*dask[:2], "distributed.cli.dask_scheduler", "--port", "0", "--no-dashboard", "--scheduler-file", str(file)],
        **start,
    )
    worker = None
    try:
        wait_for(lambda: file.exists() and file.read_text().strip().endswith("}"))
        address = json.loads(file.read_text())["address"]
        worker = subprocess.Popen(
            [*dask[:2], "distributed.cli.dask_worker", address, "--nthreads", "2", "--no-dashboard", "--no-nanny"],
            **start,
        )
        done = run("batch", made[0], "--out", tmp_path / "out", "--only", "mse", "--cluster", address)
    finally:
        for process in filter(None, (worker, scheduler)):
            process.terminate()
            process.wait(20)
    assert done.returncode == 0, done.stderr
    assert comparable(tmp_path / "out") == comparable(made[1])


def known_by(root, **options):
    from autograder.assignment import config
    from autograder.classroom import batch

    return batch.fingerprint(config.load(root), batch.Options(**options), toolkit=root)


@pytest.mark.parametrize(
    ("changed", "counts"),
    [
        ("tests/hidden/test_1_dense.py", True),
        ("reference/beras/layers.py", True),
        ("reference/chaffs/layers.py", True),
        ("reference/editions/assignment.py", True),
        ("student_template/beras/layers.py", True),
        ("autograder/feedback/comparison.py", True),
        ("homework/probes/dense.py", True),
        ("homework/digits.npz", True),
        ("autograder/classroom/report/page.py", False),
        ("autograder/classroom/report/templates/report.css", False),
        ("autograder/written/grading.py", False),
        ("reference/wheats/layers.py", False),
        ("written.toml", False),
    ],
)
def test_a_grading_is_known_by_what_can_change_it_and_by_nothing_else(copied_project, changed, counts):
    root = copied_project()
    before = known_by(root)
    file = root / changed
    file.write_bytes(file.read_bytes() + b"\n")
    assert (known_by(root) != before) == counts


def test_a_grading_is_known_by_version_rules_choices_and_data(copied_project, few_digits, monkeypatch):
    root = copied_project()
    usual = known_by(root)
    choices = [{"only": "dense"}, {"skip": ("training",)}, {"seed": "7"}, {"data_folder": few_digits}]
    found = [known_by(root, **choice) for choice in choices]
    with (few_digits / "t10k-labels-idx1-ubyte").open("r+b") as file:
        file.seek(20)
        file.write(b"\7")
    found.append(known_by(root, data_folder=few_digits))
    text = (root / "assignment.toml").read_text()
    (root / "assignment.toml").write_text(text.replace("run_seconds = ", "run_seconds = 1"))
    found.append(known_by(root))
    monkeypatch.setattr("autograder.classroom.batch.__version__", "0.0")
    found.append(known_by(root))
    assert len({usual, *found}) == 1 + len(found)


def test_grading_loads_only_the_packages_that_a_result_is_known_by():
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import autograder.grading.pipeline; "
        "print(*{name.split('.')[1] for name in sys.modules if name.startswith('autograder.')})"
    )
    done = subprocess.run([sys.executable, "-c", code, str(ROOT)], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "grading" in loaded
    assert loaded <= set(DECIDING)


@pytest.mark.slow
def test_a_second_run_uses_what_the_first_one_did_and_says_whose_score_changes(copied_project, tmp_path):
    root = copied_project({"penalty_per_day = 0.0": "penalty_per_day = 0.1"})
    export = tmp_path / "export"
    put(export / "submission_1", given(root))
    put(export / "submission_2", given(root))
    (export / "submission_metadata.yml").write_text(
        "".join(
            f"submission_{n}:\n  :submitters:\n  - :name: {name}\n    :email: {name}@example.edu\n"
            "  :created_at: 2024-02-27 12:00:00 -0500\n"
            for n, name in ((1, "ada"), (2, "eve"))
        )
    )
    roster = tmp_path / "roster.csv"
    roster.write_text("name;email\nada;ada@example.edu\neve;eve@example.edu\njoan;joan@example.edu\n")
    out = tmp_path / "out"

    def batch(*options):
        done = subprocess.run(
            command("batch", export, "--out", out, *QUICK, *options),
            cwd=root,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        scores = {
            line["name"]: line["score"] for line in csv.DictReader((out / "grades.csv").open(encoding="utf-8-sig"))
        }
        return flat(done.stdout), scores

    said, scores = batch("--roster", roster)
    assert "nothing handed in 1: joan" in said
    assert scores == {"ada": "4.5", "eve": "4.5", "joan": ""}
    extensions = tmp_path / "extensions.csv"
    extensions.write_text("student,days\nada,2\n")
    said, scores = batch("--extensions", extensions)
    assert "Scores change by these dates, extensions and overrides (1): ada 4.5 → 5." in said
    assert "0 graded, 2 kept" in said
    assert scores == {"ada": "5", "eve": "4.5", "joan": ""}
    said, scores = batch()
    assert f"As the last time: --extensions {extensions} --roster {roster}." in said
    assert scores == {"ada": "5", "eve": "4.5", "joan": ""}
    overrides = tmp_path / "overrides.csv"
    overrides.write_text("student,test,points,add,reason\neve,,,-1,a late excuse\n")
    said, scores = batch("--overrides", overrides, "--student", "eve")
    assert "1 graded, 1 kept" in said
    assert scores["eve"] == "3.6"
    (export / "submission_metadata.yml").write_text(
        (export / "submission_metadata.yml").read_text().partition("submission_2")[0]
    )
    (export / "submission_2").rename(tmp_path / "elsewhere")
    said, scores = batch()
    assert "1 graded before are not in this source" in said
    assert scores == {"ada": "5", "eve": "", "joan": ""}
    said, scores = batch("--forget")
    assert scores == {"ada": "4.5"}
    extensions.unlink()
    done = run("batch", export, "--out", out, *QUICK, "--student", "nobody")
    assert done.returncode == 2
    assert "nobody in this class is called so" in flat(done.stderr)


def given(root):
    from autograder.assignment.files import read_sources

    return read_sources(root / "reference")


def test_a_file_that_was_used_before_and_is_gone_is_said_before_anything_is_graded(tmp_path):
    put(tmp_path / "class" / "ada", {"assignment.py": b""})
    put(tmp_path / "class" / "eve", {"assignment.py": b""})
    out = tmp_path / "out"
    put(out, {"options.json": json.dumps({"extensions": str(tmp_path / "gone.csv")}).encode()})
    done = run("batch", tmp_path / "class", "--out", out, *QUICK)
    assert done.returncode == 2
    assert "gone.csv, which is gone. Name it again, or go on without it: --without" in flat(done.stderr)
    assert not (out / "journal.jsonl").exists()


def test_long_work_on_a_pipe_says_what_it_is_at(monkeypatch, capsys):
    from autograder.classroom.batch import Tally
    from autograder.cli import terminal

    monkeypatch.setattr(terminal, "SAYS_EVERY", 0.02)
    with terminal.Working("reading"), terminal.Working("checking") as work:
        work.at("checking audit", 3, 12)
        time.sleep(0.2)
    said = capsys.readouterr().err
    assert "checking audit: 3 of 12, 0:00 left, 0 s" in said
    assert "reading" not in said
    view = terminal.BatchView()
    with view:
        view.update(Tally(total=100, running={"Ada": time.monotonic() - 300}))
        time.sleep(0.2)
    assert "still: Ada, 300 s" in capsys.readouterr().err


@pytest.mark.parametrize(("name", "speaks"), [("package", True), ("written-pages", True), ("grade", False)])
def test_a_command_speaks_before_it_has_loaded_anything(monkeypatch, capsys, name, speaks):
    from autograder.cli import terminal
    from autograder.cli.options import Command

    monkeypatch.setattr(terminal, "SAYS_EVERY", 0.02)
    Command(name, callback=lambda: time.sleep(0.2)).main([], standalone_mode=False)
    assert (f"{name}, 0 s" in capsys.readouterr().err) == speaks
