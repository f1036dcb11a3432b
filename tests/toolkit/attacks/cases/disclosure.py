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

# What a worker names: a function, a class, a line, a file, a shape, a place, a factor. NUMBER is a hidden input's.
NUMBER = f"int(abs({SECRET}) * 1024)"
NAMED = "__code__.replace(co_name=name, **({{'co_qualname': name}} if sys.version_info >= (3, 11) else {{}}))"
ODD = "".join(f"class E{number}(Exception): pass\n" for number in range(2100))
DEFS = "".join(f"def f{number}(): raise {{0}}\n" for number in range(2100))
AT_LINE = "exec(compile('\\n' * {0} + 'raise {1}', 'beras/layers.py', 'exec'))"
GIVEN = "given_call = Dense.call\n"

CASES += [
    leaks("the name of a function that is not implemented", "def call(self, x):\n    name = 'LK_' + str(" + NUMBER + ")\n"
          "    def f(): raise NotImplementedError\n    f.__code__ = f." + NAMED.format() + "\n    f()\nreplace('call', call)\n"),
    leaks("the name of a function that raises", "def call(self, x):\n    name = 'LK_' + str(" + NUMBER + ")\n"
          "    def f(): raise ValueError\n    f.__code__ = f." + NAMED.format() + "\n    f()\nreplace('call', call)\n"),
    leaks("one of many functions that are there", DEFS.format("ValueError") + f"replace('call', lambda self, x: globals()['f%d' % {NUMBER}]())\n"),
    leaks("one of many functions that are not implemented", DEFS.format("NotImplementedError") + f"replace('call', lambda self, x: globals()['f%d' % {NUMBER}]())\n"),
    leaks("one of many classes that are there", ODD + f"def call(self, x):\n    raise globals()['E%d' % {NUMBER}]\nreplace('call', call)\n"),
    leaks("the line of an exception", f"def call(self, x):\n    {AT_LINE.format(f'({NUMBER} % 60)', 'ValueError')}\nreplace('call', call)\n"),
    leaks("the line of what is not implemented", f"def call(self, x):\n    {AT_LINE.format(f'({NUMBER} % 60)', 'NotImplementedError')}\nreplace('call', call)\n"),
    leaks("the line of a function's code", f"def call(self, x):\n    def f(): raise ValueError\n    f.__code__ = f.__code__.replace(co_firstlineno={NUMBER} % 60 + 1)\n    f()\nreplace('call', call)\n"),
    leaks("the line of a syntax error", f"def call(self, x):\n    raise SyntaxError('x', ('beras/layers.py', {NUMBER} % 60, 1, 'x'))\nreplace('call', call)\n"),
    leaks("the text of a syntax error", f"def call(self, x):\n    raise SyntaxError('x' + str({SECRET}), ('beras/layers.py', 1, 1, 'x'))\nreplace('call', call)\n"),
    leaks("the line of a failed import", X + AT_LINE.format("(int(abs(float(np.ravel(x)[0])) * 1024) % 60)", "ValueError") + "\n"),
    leaks("the file of an exception", f"def call(self, x):\n    exec(compile('raise ValueError', ['beras/core.py', 'beras/losses.py', 'beras/model.py', 'assignment.py'][{NUMBER} % 4], 'exec'))\nreplace('call', call)\n"),
    leaks("a short axis", f"replace('call', lambda self, x: np.zeros((7, {NUMBER})))\n"),
    leaks("eight axes", f"replace('call', lambda self, x: np.zeros([1 + int(digit) for digit in '%07d' % {NUMBER}] + [0]))\n"),
    leaks("the length of a list", f"replace('call', lambda self, x: [None] * {NUMBER})\n"),
    leaks("a factor", GIVEN + f"replace('call', lambda self, x: given_call(self, x) * (2 + {NUMBER} / 1000))\n"),
    leaks("the place of a wrong value", GIVEN + "def call(self, x):\n    y = np.array(given_call(self, x))\n"
          f"    y.flat[{NUMBER} % y.size] += 9\n    return y\nreplace('call', call)\n"),
    leaks("how many values are wrong", GIVEN + "def call(self, x):\n    y = np.array(given_call(self, x))\n"
          f"    y.flat[:{NUMBER} % y.size + 1] += 9\n    return y\nreplace('call', call)\n"),
    leaks("the place of a NaN", GIVEN + "def call(self, x):\n    y = np.array(given_call(self, x))\n"
          f"    y.flat[{NUMBER} % y.size] = np.nan\n    return y\nreplace('call', call)\n"),
    leaks("a forged class, line and function", "def call(self, x):\n    import struct\n    def named(k, v):\n"
          "        return struct.pack('<H', len(k)) + k + struct.pack('<BH', 4, len(v)) + v\n"
          f"    text = ('f%d' % ({NUMBER} % 9)).encode()\n    body = named(b'stage', b'run') + named(b'class', b'ValueError') + named(b'function', text) + named(b'file', b'beras/layers.py')\n"
          "    send(3, struct.pack('<BH', 3, 4) + body)\nreplace('call', call)\n" + "".join(f"def f{n}(): pass\n" for n in range(9))),
    leaks("the shapes of images", "import numpy as np\n"
          "def load_and_preprocess_data():\n    frame = sys._getframe()\n    while frame and 'pictures' not in frame.f_locals: frame = frame.f_back\n"
          "    pixels = frame.f_locals['pictures'].reshape(-1)[2:8].astype(int)\n"
          "    class Images(np.ndarray):\n        pass\n"
          "    shaped = np.zeros((int(pixels[0]), int(pixels[1]) + 1, 12, 1)).view(Images)\n    return shaped, shaped, shaped, shaped\n",
          file="preprocess.py", only="8.1"),
    leaks("forged shapes of images", "def load_and_preprocess_data():\n    import struct\n    frame = sys._getframe()\n"
          "    while frame and 'pictures' not in frame.f_locals: frame = frame.f_back\n"
          "    pixels = frame.f_locals['pictures'].reshape(-1)[:16].astype(np.int64) - 300\n"
          "    def array(k, a): return struct.pack('<H', len(k)) + k + bytes([1, 1, 1]) + struct.pack('<Q', len(a)) + a.tobytes()\n"
          "    parts = [array(b'train inputs: shape', pixels[:2].copy()), array(b'train labels: shape', pixels[:1].copy())]\n"
          "    send(2, struct.pack('<BH', 3, 2) + b''.join(parts))\n", file="preprocess.py", only="8.1"),
]  # fmt: skip

# What tells a worker of another, or of the grader: locks, pages, processes, names. All of them ask, and change nothing.
FILE = "file = open(os.__file__, 'rb')\n"
CASES += [
    case("locks a file for its neighbours", FILE + "import fcntl\ngot(lambda: fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB))\n"),
    case("locks a byte at a place that tells", FILE + "import fcntl\ngot(lambda: fcntl.lockf(file, fcntl.LOCK_SH | fcntl.LOCK_NB, 1, 2**40 + 7))\n"),
    case("asks who locks a file", FILE + "import fcntl\ngot(lambda: fcntl.fcntl(file, fcntl.F_GETLK, bytes(32)))\n"),
    case("locks by the open file", FILE + "import fcntl\ngot(lambda: fcntl.fcntl(file, 36, bytes(32)))\ngot(lambda: fcntl.fcntl(file, 37, bytes(32)))\n"),
    case("takes a lease on a file", FILE + "import fcntl\ngot(lambda: fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_RDLCK))\ngot(lambda: fcntl.fcntl(file, fcntl.F_GETLEASE))\n"),
    case("has a file read ahead", FILE + "got(lambda: LIBC.readahead(file.fileno(), ctypes.c_long(0), 4096))\n"),
    case("drops a file from memory", FILE + "got(lambda: os.posix_fadvise(file.fileno(), 0, 4096, os.POSIX_FADV_DONTNEED))\n"),
    case("asks which pages are in memory", FILE + "import mmap\npage = mmap.mmap(-1, 4096)\nplace = ctypes.addressof(ctypes.c_char.from_buffer(page))\n"
         "got(lambda: LIBC.mincore(ctypes.c_void_p(place), ctypes.c_size_t(4096), ctypes.create_string_buffer(1)))\n"),
    case("reads without waiting", FILE + "got(lambda: os.preadv(file.fileno(), [bytearray(1)], 0, 8))\n"),
    case("has a mapped file read ahead", FILE + "import mmap\npage = mmap.mmap(file.fileno(), 4096, prot=mmap.PROT_READ)\ngot(lambda: page.madvise(mmap.MADV_WILLNEED))\n"),
    case("waits at a lock in a mapped file", FILE + "import mmap\npage = mmap.mmap(-1, 4096)\nplace = ctypes.addressof(ctypes.c_char.from_buffer(page))\n"
         "got(lambda: LIBC.syscall(CALL['futex'], ctypes.c_void_p(place), 1, 1))\n"),
    case("asks for the decoy's group", "got(lambda: os.getpgid(DECOY))\n"),
    case("asks for the decoy's session", "got(lambda: os.getsid(DECOY))\n"),
    case("asks for the decoy's priority", "got(lambda: os.getpriority(os.PRIO_PROCESS, DECOY))\n"),
    case("asks how the decoy is scheduled", "got(lambda: os.sched_getscheduler(DECOY))\ngot(lambda: os.sched_getparam(DECOY))\ngot(lambda: os.sched_getaffinity(DECOY))\n"),
    case("asks whether the decoy lives", "got(lambda: os.kill(DECOY, 0))\n"),
    case("asks what the machine is doing", "got(lambda: LIBC.sysinfo(ctypes.create_string_buffer(512)))\n"),
    case("asks how full the disk is", "got(lambda: os.statvfs('/'))\n"),
    case("asks who uses processors", "got(lambda: os.getloadavg())\n", landlock="without Landlock /proc/loadavg is open to every user"),
    case("sees that the reference is there", "got(lambda: os.stat(PROJECT + '/reference/beras/layers.py'))\n", own_root=True),
    case("sees how much is in the results", "got(lambda: os.stat(RESULTS))\n", own_root=True),
    case("sees that the project is there", "got(lambda: os.lstat(PROJECT))\ngot(lambda: os.chdir(PROJECT))\ngot(lambda: os.access(PROJECT, os.F_OK) or -1)\n", own_root=True),
    case("sees a neighbour's submission", "got(lambda: os.stat(SITE + '/neighbour/beras/layers.py'))\ngot(lambda: os.readlink(SITE + '/x') if os.path.lexists(SITE) else -1)\n", own_root=True),
    case("sees the decoy in /proc", "got(lambda: os.stat(f'/proc/{DECOY}'))\ngot(lambda: os.stat('/proc/1'))\n", own_root=True),
    case("sees its way out of its root", "got(lambda: os.stat('/proc/self/root'))\ngot(lambda: os.stat('/..' + PROJECT))\n"
         "got(lambda: os.stat('/usr/lib/../../../../..' + PROJECT))\ngot(lambda: os.chroot('/'))\n", own_root=True),
    case("lists the packages", "for place in ('/usr/lib/python3/dist-packages', '/usr/local/lib/python3/dist-packages', os.path.dirname(os.path.dirname(np.__file__))):\n    got(lambda: os.listdir(place))\n",
         landlock="without Landlock every user may list what is installed"),
    case("loads a package from its files", "import importlib.util\nfor name in ('pytest', 'click', 'rich'):\n"
         "    got(lambda: open(os.path.join(os.path.dirname(os.path.dirname(np.__file__)), name, '__init__.py')).read())\n",
         landlock="without Landlock every user may read what is installed"),
    case("finds the probes by their name", "got(lambda: sys.modules['guest.probes.parts'])\ngot(lambda: [n for n in list(sys.modules) if n.endswith('.parts')][0])\n"
         "got(lambda: __import__('guest.probes.parts'))\ngot(lambda: sys.modules['__main__'].guest)\n"),
]  # fmt: skip

# Where a question hangs, and what it takes; what the kernel numbers and counts from one worker to the next.
HANGS = "".join(f"def w{number}():\n    for _ in range(400): time.sleep(0.01)\n" for number in range(64))
CASES += [
    leaks("the function that never ends", HANGS + f"replace('call', lambda self, x: globals()['w%d' % ({NUMBER} % 64)]())\n"),
    leaks("the line that never ends", f"def call(self, x):\n    exec(compile('\\n' * ({NUMBER} % 60) + 'for _ in range(400): time.sleep(0.01)', 'beras/layers.py', 'exec'))\nreplace('call', call)\n"),
    leaks("what it printed", f"def call(self, x):\n    print('LK', {NUMBER})\n    raise ValueError\nreplace('call', call)\n"),
    leaks("how long it took", f"def call(self, x):\n    time.sleep({NUMBER} % 7 / 20)\n    raise ValueError\nreplace('call', call)\n"),
    leaks("how much memory it took", f"def call(self, x):\n    self.kept = np.ones(({NUMBER} % 100 + 1) * 2**17)\n    raise ValueError\nreplace('call', call)\n"),
    *(
        leaks(f"a forged note of kind {kind}, {end}", "import struct\ndef named(k, v): return struct.pack('<H', len(k)) + k + struct.pack('<BH', 4, len(v)) + v\n"
              f"def call(self, x):\n    text = str({NUMBER}).encode()\n"
              "    parts = [named(b'text', text), named(b'name', text), named(b'file', b'beras/layers.py'), named(b'function', text), named(b'how', b'raises')]\n"
              f"    send({kind}, struct.pack('<BH', 3, len(parts)) + b''.join(parts), stop=False)\n    {code}\nreplace('call', call)\n")
        for kind in (5, 6, 7, 8, 9)
        for end, code in (("and an exception", "raise ValueError"), ("and an exit", "os._exit(0)"))
    ),
    case("numbers the pipes that it makes", "got(os.pipe)\ngot(lambda: LIBC.pipe2((ctypes.c_int * 2)(), 0))\n"),
    case("counts the pages that it read from disk", "got(lambda: LIBC.getrusage(0, ctypes.create_string_buffer(256)))\n"
         "import resource\nuse = resource.getrusage(resource.RUSAGE_SELF)\ngot(lambda: use.ru_majflt or use.ru_minflt or use.ru_inblock or -1)\n"),
    case("maps what it shares for writing", "import mmap\nfor number in range(3, 32):\n    got(lambda: mmap.mmap(number, 4096, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE))\n"
         "    got(lambda: os.open(f'/proc/self/fd/{number}', os.O_RDWR))\n"),
    case("asks libraries to read", "import urllib.request, zipimport\ntell(lambda: urllib.request.urlopen('file://' + PROJECT + '/assignment.toml').read())\n"
         "got(lambda: zipimport.zipimporter(PROJECT))\ngot(lambda: ctypes.CDLL(PROJECT + '/reference/beras/layers.py'))\n"),
    case("finds the probes' own layers by the names of modules", "import inspect\nworld = next(m for m in sys.meta_path if hasattr(m, 'given'))\n"
         "seam = inspect.getclosurevars(type(world).__init__).globals['seam']\n"
         "got(lambda: seam._hidden['homework.probes.parts'])\ngot(lambda: seam._hidden['homework.probes.dense'].parts)\n"
         "got(lambda: seam.find_probe('dense.forward'))\ngot(lambda: seam.api().parts)\n"),
]  # fmt: skip
