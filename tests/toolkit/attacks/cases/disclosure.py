"""Disclosure: reading what is not a submission's, and carrying it out in what its author sees."""

# ruff: noqa: E501  a payload is easier to read on one line

from ..case import Case


def case(name, code, **more):
    return Case("disclosure", name, code, **more)


def reads(name, path):
    return case(f"reads {name}", f"tell(lambda: open({path}, 'rb').read())\n")


def leaks(name, code, **more):
    return case(f"carries inputs out in {name}", code, hides=True, **more)


SECRET = "float(np.ravel(x)[0])"
RAISE = "def call(self, x):\n    raise {}\nreplace('call', call)\n"
X = "frame = sys._getframe()\nwhile frame and 'x' not in frame.f_locals: frame = frame.f_back\nx = frame.f_locals['x'] if frame else 0.0\n"

CASES = [
    reads("the reference", "PROJECT + '/reference/beras/layers.py'"),
    reads("a hidden test", "PROJECT + '/tests/hidden/test_1_dense.py'"),
    reads("the assignment's secret", "PROJECT + '/assignment.toml'"),
    reads("the metadata", "SITE + '/submission_metadata.json'"),
    reads("a neighbour's submission", "SITE + '/neighbour/beras/layers.py'"),
    reads("the labels", "SITE + '/labels.csv'"),
    reads("the results so far", "RESULTS"),
    reads("its parent's environment", "f'/proc/{os.getppid()}/environ'"),
    reads("its parent's command line", "f'/proc/{os.getppid()}/cmdline'"),
    reads("its parent's memory", "f'/proc/{os.getppid()}/mem'"),
    reads("its own environment", "'/proc/self/environ'"),
    reads("the reference through a relative path", "'/usr/lib/../..' + PROJECT + '/reference/beras/layers.py'"),
    reads("the reference through its root", "'/proc/self/root' + PROJECT + '/reference/beras/layers.py'"),
    case("reads the environment", "tell(lambda: repr(os.environ) + repr(os.environb))\n"),
    case("lists the project", "got(lambda: os.listdir(PROJECT))\n"),
    case("lists the processes", "got(lambda: os.listdir('/proc'))\n",
         landlock="without Landlock a worker may see which processes run, as every user may"),
    case("asks NumPy to read", "tell(lambda: np.fromfile(PROJECT + '/assignment.toml', np.uint8).tobytes())\n"),
    case("asks linecache to read", "import linecache\ntell(lambda: linecache.getlines(PROJECT + '/assignment.toml'))\n"),
    case("imports the reference", "sys.path.insert(0, PROJECT + '/reference')\nsys.modules.pop('beras.losses', None)\n"
         "import importlib.util\ngot(lambda: importlib.util.spec_from_file_location('r', PROJECT + '/reference/beras/layers.py').loader.get_code('r'))\n"),
    case("imports the grader", "sys.path.insert(0, PROJECT)\nimport importlib\ngot(lambda: importlib.import_module('autograder.grading.pipeline'))\n"),
    case("reads the probes' source", "import inspect\ngot(lambda: inspect.getsource(sys.modules['homework.probes.dense']))\n"),
    case("connects to the loopback", "import socket\ngot(lambda: socket.socket().connect_ex(('127.0.0.1', 9)))\n"),
    case("asks for a name", "import socket\ngot(lambda: socket.getaddrinfo('localhost', 9))\ngot(lambda: socket.gethostbyname('localhost'))\n",
         landlock="without Landlock the C library finds this name in /etc/hosts; no packet is sent"),
    case("makes a local socket", "import socket\ngot(lambda: socket.socketpair())\ngot(lambda: socket.socket(socket.AF_UNIX).bind('\\0beras'))\n"),
    case("traces the decoy", "got(lambda: LIBC.ptrace(16, DECOY, 0, 0))\n"),
    case("reads the decoy's memory", "got(lambda: LIBC.process_vm_readv(DECOY, 0, 0, 0, 0, 0))\ntell(lambda: open(f'/proc/{DECOY}/mem').read(1))\n"),
    leaks("an exception's text", RAISE.format(f"ValueError('value', {SECRET})")),
    leaks("an exception's class", RAISE.format(f"type('E' + {SECRET}.hex().replace('.', '_').replace('-', '_').replace('+', '_'), (Exception,), {{}})()")),
    leaks("a text that it returns", f"replace('call', lambda self, x: str({SECRET}))\n"),
    leaks("the name of a class that it returns", f"replace('call', lambda self, x: type('E' + str({SECRET}), (), {{}})())\n"),
    leaks("a long axis", "replace('call', lambda self, x: np.empty((0, 10**6 + int(1024 * abs(np.ravel(x)[0])))))\n"),
    leaks("the text of a failed import", X + "raise ValueError('value', float(np.ravel(x)[0]))\n"),
    leaks("a forged failed import", "def call(self, x):\n    import struct\n    def named(k, v):\n"
          "        return struct.pack('<H', len(k)) + k + struct.pack('<BH', 4, len(v)) + v\n"
          f"    text = str({SECRET}).encode()\n    body = named(b'stage', b'load') + named(b'text', text) + named(b'class', b'ValueError')\n"
          "    send(3, struct.pack('<BH', 3, 3) + body)\nreplace('call', call)\n"),
    leaks("the name of what is missing", "def call(self, x):\n    import guest.loader\n"
          f"    raise guest.loader.NameMissingError('beras/layers.py', str({SECRET}))\nreplace('call', call)\n"),
]  # fmt: skip
