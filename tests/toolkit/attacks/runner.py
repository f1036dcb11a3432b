"""Grades a case in a copy of the project full of canaries, and observes what the attack got."""

import json
import math
import os
import re
import resource
import secrets
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
import venv
from collections import Counter
from pathlib import Path

from autograder.wall import docker

from .case import Case

ROOT = Path(__file__).resolve().parents[3]
NOBODY = 61_234  # a user id that belongs to no one
MODES = ("root", "unprivileged", "docker", "docker without Landlock")
STABLE = Path(__file__).with_name("stable.py")
PATIENCE = 60  # seconds until a grader counts as hanging
MOST_SECONDS, MOST_BYTES = 45, 768 * 2**20  # what a grading may take; Gradescope's smallest container
MOST_OWN_BYTES = 300 * 2**20  # what of that the grader itself may take, its workers left out
UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")

OWN_PEAKS: list[int] = [0]  # bytes, of every grading
TALLY: Counter[tuple[str, str, str]] = Counter()  # (mode, class, "cases" | "held" | "skipped")


class Site:
    """A copy of the project, secrets planted in it, and what stands around it; closed, nothing is left."""

    def __init__(self, mode: str, *, daemon: bool = False) -> None:
        self.mode = mode
        self.container = f"beras-attacks-{os.getpid()}" if daemon else ""  # a real one, in the place of an imitation
        self.user = NOBODY if mode == "unprivileged" and os.geteuid() == 0 else None
        self.root = Path(tempfile.mkdtemp(prefix="beras-attacks-"))
        self.handed = Path(tempfile.mkdtemp(prefix="beras-handed-"))
        self.handed.chmod(0o755)
        self.project, self.results = self.root / "project", self.root / "results" / "results.json"
        self.canaries: dict[str, str] = {}
        self.venv = Path(tempfile.mkdtemp(prefix="beras-venv-"))
        self.python = self._interpreter()
        self._copy()
        self._plant()
        self._hand_over()
        self.said = self.root / "said"
        self.stable = self._new_stable()
        self.decoy = self._new_decoy()
        self.honest: dict[tuple[str, str], float] = {}
        self.layers: dict[str, str] = {}
        self.bases = {name: self._files(name) for name in ("homework", "reference", "student_template")}
        self.before = self._fingerprint()

    def close(self) -> None:
        for process in (self.stable, self.decoy):
            process.kill()
            process.communicate()
        if self.container:
            docker.remove(self.container)
        for folder in (self.root, self.venv, self.handed):
            shutil.rmtree(folder)

    def _interpreter(self) -> str:
        """An interpreter with the packages of this one that the grader's user may run: root's home is closed to it."""
        tried = [sys.executable, "-c", ""]
        try:
            subprocess.run(tried, check=True, **self._as_user())
        except PermissionError:
            self.venv.chmod(0o755)
            venv.create(self.venv, symlinks=True, with_pip=False)
            for kind in ("purelib", "platlib"):
                path = Path(sysconfig.get_path(kind))
                place = self.venv / path.relative_to(sys.prefix)
                shutil.copytree(path, place, copy_function=_linked, dirs_exist_ok=True)
            return str(self.venv / "bin" / "python")
        return sys.executable

    def _copy(self) -> None:
        self.project.mkdir()
        unwanted = shutil.ignore_patterns("toolkit", ".*")
        shutil.copy(STABLE, self.root)
        for name in ("autograder", "homework", "reference", "student_template", "tests"):
            shutil.copytree(ROOT / name, self.project / name, ignore=unwanted)
        text = (ROOT / "assignment.toml").read_text()
        for key, value in (("test_seconds", 1), ("test_memory_mb", 500)):
            text = re.sub(rf"^{key} = \d+", f"{key} = {value}", text, flags=re.MULTILINE)
        (self.project / "assignment.toml").write_text(
            re.sub(r'^secret = ".*"', f'secret = "{self._canary("secret")}"', text, flags=re.MULTILINE)
        )

    def _canary(self, place: str) -> str:
        return self.canaries.setdefault(place, f"CANARY-{secrets.token_hex(12)}")

    def _plant(self) -> None:
        for path in ("reference/beras/layers.py", "tests/hidden/test_1_dense.py"):
            # Within a solution region: the rest of the reference is the handout's too, and no secret.
            lines = ("# BEGIN SOLUTION", f"# {self._canary(path)}", f'CANARY = "{self._canary(path + " constant")}"')
            with (self.project / path).open("a") as file:
                file.write("\n".join(("", *lines, "# END SOLUTION", "")))
        for name in ("neighbour/beras", "canary", "home", "results"):
            (self.root / name).mkdir(parents=True)
        (self.root / "neighbour" / "beras" / "layers.py").write_text(f"# {self._canary('neighbour')}\n")
        (self.root / "submission_metadata.json").write_text(json.dumps({"id": self._canary("metadata")}))
        (self.root / "labels.csv").write_text(f"0,{self._canary('labels')}\n")

    def _hand_over(self) -> None:
        self.root.chmod(0o755)
        (self.root / "canary").chmod(0o777)  # open to all: only the wall may keep a worker out
        if self.mode == "docker without Landlock":
            # What run_autograder closes on Gradescope, for there another user's reach is all that stops a worker.
            for name in ("project", "results", "neighbour", "submission_metadata.json", "labels.csv"):
                (self.root / name).chmod(0o700)
        if self.user is not None:
            for folder, folders, names in os.walk(self.root):
                for name in (".", *folders, *names):
                    os.chown(Path(folder, name), self.user, self.user)

    def _files(self, base: str) -> dict[str, bytes]:
        """The base's own files, from the project itself: the copy's reference holds canaries."""
        folder = ROOT / base
        paths = [*folder.glob("*.py"), *folder.glob("beras/*.py")]
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(paths)}

    def _as_user(self) -> dict:
        return {} if self.user is None else {"user": self.user, "group": self.user, "extra_groups": []}

    def _new_stable(self) -> subprocess.Popen:
        """The process that forks graders; under Docker's rules, so are they."""
        self.said.touch()
        if self.user is not None:
            os.chown(self.said, self.user, self.user)
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(self.root / "home"), "OPENBLAS_NUM_THREADS": "1"}
        environment["BERAS_CANARY"] = self._canary("environment")
        confinement = self.mode if self.mode.startswith("docker") and not self.container else ""
        program = [self.python, "-I", "-B", str(self.root / STABLE.name), str(self.project), confinement]
        if self.container:
            read = (self.handed, Path(sys.prefix).resolve(), Path(sys.prefix), Path(sys.base_prefix))
            folders = dict.fromkeys(read, False) | {self.root: True}
            program = docker.command_here(folders, program, environment, name=self.container, folder=self.project)
            environment = dict(os.environ)
        return subprocess.Popen(
            program,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=self.project, env=environment,
            **self._as_user(),
        )  # fmt: skip

    def _new_decoy(self) -> subprocess.Popen:
        command = [self.python, "-I", "-S", "-c", "input()"]
        decoy = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True, cwd="/", **self._as_user())
        time.sleep(0.2)
        self.decoy_was = self._decoy_state(decoy.pid)
        return decoy

    @staticmethod
    def _decoy_state(pid: int) -> tuple:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
            limits = resource.prlimit(pid, resource.RLIMIT_NOFILE)
            return state, limits, os.getpriority(os.PRIO_PROCESS, pid), os.sched_getaffinity(pid)
        except OSError:
            return ("gone",)

    @property
    def places(self) -> str:
        """The names that payloads use."""
        values = {
            "RESULTS": str(self.results),
            "PROJECT": str(self.project),
            "CANARY": str(self.root / "canary"),
            "SITE": str(self.root),
            "DECOY": self.decoy.pid,
        }
        return "".join(f"{name} = {value!r}\n" for name, value in values.items())

    def grade(self, source: Path, only: str, seed: str = "1") -> tuple[int, float, int, str]:
        """Exit status, seconds, peak bytes and complaints of one real grading."""
        self.results.unlink(missing_ok=True)
        order = {
            "arguments": ["grade", str(source), "-q", "--results", str(self.results), "--only", only, "--seed", seed],
            "patience": PATIENCE,
            "said": str(self.said),
        }
        self.stable.stdin.write(json.dumps(order) + "\n")
        self.stable.stdin.flush()
        done = json.loads(self.stable.stdout.readline())
        said = self.said.read_text(errors="replace")[-2000:]
        self.own_peak = int(re.findall(r"grader's own peak: (\d+)", said)[-1]) if "grader's own peak" in said else 0
        OWN_PEAKS.append(self.own_peak)
        return done["status"], done["seconds"], done["peak"], said

    def written(self, files: dict[str, bytes], folder: Path) -> Path:
        """The files as a folder that the grader may read."""
        for name, content in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
        return folder

    def honest_score(self, base: str, only: str) -> float:
        """What the base alone earns."""
        if (base, only) not in self.honest:
            with Handed(self) as folder:
                source = self.written(self.bases[base], folder / "submission")
                status, _, _, said = self.grade(source, only)
                assert status == 0, said
            report = json.loads(self.results.read_text())
            self.honest[base, only] = report["score"]
            self.layers = report["extra_data"]["isolation"]
        return self.honest[base, only]

    def lacks(self, case: Case) -> str:
        """What the case needs and this machine, or this mode, does not have; or nothing."""
        if not case.own_root:
            return ""
        self.honest_score("reference", "1.1")
        state = self.layers["own root"]
        return "" if state == "on" else f"a worker has no root of its own here ({state})"

    def _fingerprint(self) -> dict[str, tuple]:
        """Everything below the site with its mode, size and time of change, which no process can choose."""
        found = {}
        for folder, folders, names in os.walk(self.root):
            if folder == str(self.root):
                folders[:] = [name for name in folders if name != "results"]
                names.remove(self.said.name)
            for name in (*folders, *names):
                path = f"{folder}/{name}"
                state = os.lstat(path)
                found[path] = (state.st_mode, state.st_size, state.st_ctime_ns, state.st_ino)
        return found

    def leftovers(self) -> list[str]:
        """Processes of this site that still run."""
        found = []
        known = {os.getpid(), self.decoy.pid, self.stable.pid}
        if self.container:
            first = docker.first_process(self.container)
            known |= {first, *_children(first)}  # what starts it, and the process that forks graders
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) in known:
                continue
            try:
                line = (entry / "cmdline").read_bytes()
                owner = entry.stat().st_uid
                state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
            except OSError:
                continue
            if state == "Z":  # ended already; waiting for a parent that is not the grader's
                continue
            if str(self.root).encode() in line or (self.user is not None and owner == self.user):
                found.append(f"{entry.name} {line[:80]!r}")
        return found

    def observe(self, case: Case) -> list[str]:
        """Every way in which the attack got something; empty where it was held."""
        base = "student_template" if case.base == "template" else "reference"
        honest = self.honest_score(base, case.only)
        with Handed(self) as folder:
            files = case.files(self.bases[base], self.places)
            source = case.pack(folder, files) if case.pack else self.written(files, folder / "submission")
            breaches = self._tried(case, source, honest)
            if case.hides and not breaches:
                first = self._visible()
                self.grade(source, case.only, seed="2")
                if self._visible() != first:
                    breaches.append("G3: what students see changes with the hidden inputs")
        return breaches

    def _tried(self, case: Case, source: Path, honest: float) -> list[str]:
        status, seconds, peak, said = self.grade(source, case.only)
        breaches = []
        if status != 0:
            breaches.append(f"G2: the grader ended with status {status}: {said[-600:]}")
        if seconds > MOST_SECONDS:
            breaches.append(f"G2: it took {seconds:.0f} s")
        if peak > MOST_BYTES:
            breaches.append(f"G2: it took {peak / 2**20:.0f} MiB")
        if self.own_peak > MOST_OWN_BYTES:
            breaches.append(f"G2: the grader itself took {self.own_peak / 2**20:.0f} MiB")
        left = self.leftovers()
        if left:
            breaches.append(f"G4: still running: {left}")
        if self.decoy.poll() is not None or self._decoy_state(self.decoy.pid) != self.decoy_was:
            breaches.append(f"G4: the decoy was {self.decoy_was} and is {self._decoy_state(self.decoy.pid)}")
            self.decoy.kill()
            self.decoy.communicate()
            self.decoy = self._new_decoy()
        after = self._fingerprint()
        changed = sorted(path for path in self.before.keys() | after.keys() if self.before.get(path) != after.get(path))
        if changed:
            breaches.append(f"G5: changed: {changed[:5]}")
            self.before = after
        return breaches + self._unflagged(case) + self._told(math.inf if case.flagged else honest, said)

    def _unflagged(self, case: Case) -> list[str]:
        """What the staff should have been told of the rules, and was not."""
        flags = json.loads(self.results.read_bytes())["extra_data"].get("flags", []) if case.flagged else []
        found = {flag["rule"] for flag in flags}
        return [f"G1: not flagged for {case.flagged}"] if case.flagged and case.flagged not in found else []

    def _told(self, honest: float, said: str) -> list[str]:
        """What is wrong with results.json."""
        try:
            document = json.loads(self.results.read_bytes().decode(), parse_constant=_refuse)
        except (OSError, ValueError) as error:
            return [f"G2: results.json: {error}"]
        breaches = []
        if self.results.is_symlink():
            breaches.append("G5: results.json is a link")
        if not isinstance(document.get("score"), (int, float)) or not document.get("tests"):
            breaches.append("G2: results.json has no score or no tests")
        elif document["score"] > honest:
            breaches.append(f"G1: {document['score']} points instead of {honest}")
        if document["extra_data"].get("grader_errors") or document["extra_data"].get("problem"):
            breaches.append(f"G2: the grader blames itself: {json.dumps(document['extra_data'])[-1500:]}")
        text = self._visible() + said
        breaches += [f"G3: the {place} is shown" for place, canary in self.canaries.items() if canary in text]
        if "GOT-THROUGH" in text:
            breaches.append("G5: a forbidden action succeeded")
        if UNSAFE.search(text) or len(text) > 2**20:
            breaches.append("G3: a text that deceives or is far too long")
        if "<script" in re.sub(r"`[^`]*`", "", text) or "](http" in re.sub(r"`[^`]*`", "", text):
            breaches.append("G3: markup reaches the page")
        return breaches

    def _visible(self) -> str:
        """All that students see."""
        document = json.loads(self.results.read_bytes())
        rows = [str(row.get(key, "")) for row in document["tests"] for key in ("name", "output")]
        return "\n".join([document["output"], *rows])


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _linked(source: str, target: str) -> None:
    """A second name for a file; where it would be on another disk, a copy."""
    try:
        os.link(source, target)
    except FileExistsError:
        return
    except OSError:
        shutil.copy2(source, target)


class Handed:
    """A folder outside the site for one submission, open to the grader's user."""

    def __init__(self, site: Site) -> None:
        self.site = site

    def __enter__(self) -> Path:
        self.folder = Path(tempfile.mkdtemp(dir=self.site.handed))
        self.folder.chmod(0o755)
        return self.folder

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.folder)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")
