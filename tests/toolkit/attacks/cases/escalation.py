"""Escalation and persistence: becoming more than a worker, or staying after it."""

from ..case import Case


def tries(name, *actions):
    return Case("escalation", name, "".join(f"got(lambda: {action})\n" for action in actions))


CASES = [
    tries("becomes root", "os.setuid(0)", "os.setresuid(0, 0, 0)", "LIBC.setresuid(0, 0, 0)"),
    tries("becomes another group", "os.setgroups([0, 27])", "LIBC.setresgid(27, 27, 27)"),
    tries("lifts its limits", "__import__('resource').setrlimit(__import__('resource').RLIMIT_FSIZE, (2**20, 2**20))"),
    tries(
        "runs a program",
        "os.posix_spawn('/bin/true', ['true'], {})",
        "os.system('true') or -1 if False else os.execv('/bin/true', ['true'])",
    ),
    tries("runs a suid program", "os.execv('/usr/bin/su', ['su', '--version'])"),
    tries("preloads a library into a program", "os.execve('/bin/true', ['true'], {'LD_PRELOAD': CANARY + '/evil.so'})"),
    tries("starts Python with its own path", "os.execve(sys.executable, ['python', '-c', ''], {'PYTHONPATH': CANARY})"),
    tries("leaves a .pth file", "open(os.path.dirname(np.__path__[0]) + '/beras-canary.pth', 'x')"),
    tries(
        "leaves a usercustomize", "os.makedirs(SITE + '/home/.local/lib')", "open(SITE + '/home/usercustomize.py', 'x')"
    ),
    tries(
        "leaves a sitecustomize", "open(PROJECT + '/sitecustomize.py', 'x')", "open(CANARY + '/sitecustomize.py', 'x')"
    ),
    tries(
        "leaves compiled code beside the grader",
        "os.makedirs(PROJECT + '/autograder/__pycache__')",
        "open(PROJECT + '/autograder/json.py', 'x')",
    ),
    tries("leaves a suid file", "os.mkdir(CANARY + '/d')", "os.chmod(CANARY, 0o4777)"),
    tries(
        "leaves a device and a pipe",
        "os.mkfifo(CANARY + '/pipe')",
        "os.mknod(CANARY + '/null', 0o20666, os.makedev(1, 3))",
    ),
    tries(
        "leaves a link to the reference",
        "os.link(PROJECT + '/assignment.toml', CANARY + '/link')",
        "os.symlink('/', CANARY + '/root')",
    ),
    tries("types into the terminal", "__import__('fcntl').ioctl(0, 0x5412, b'x')", "open('/dev/tty', 'w')"),
    tries("enters new namespaces", "LIBC.unshare(0x10000000)", "LIBC.unshare(0x00020000)", "LIBC.setns(0, 0)"),
    tries("mounts and changes its root", "LIBC.mount(b'none', CANARY.encode(), b'tmpfs', 0, None)", "os.chroot('/')"),
    tries("sets up an io_uring", "LIBC.syscall(CALL['io_uring_setup'], 1, ctypes.create_string_buffer(120))"),
    tries(
        "uses the kernel's keyring",
        "LIBC.syscall(CALL['keyctl'], 0, -3, 1)",
        "LIBC.syscall(CALL['add_key'], b'user', b'beras', b'x', 1, -3)",
    ),
    tries("loads a BPF program", "LIBC.syscall(CALL['bpf'], 0, ctypes.create_string_buffer(72), 72)"),
    tries("handles page faults itself", "LIBC.syscall(CALL['userfaultfd'], 0)"),
    tries(
        "undoes its lock-down by prctl",
        "LIBC.prctl(4, 1, 0, 0, 0)",
        "LIBC.prctl(1, 0, 0, 0, 0)",
        "LIBC.prctl(8, 1, 0, 0, 0)",
    ),
    tries("leaves its session", "os.setsid()", "os.setpgid(0, 0)"),
    tries(
        "shares memory with whoever comes next",
        "LIBC.shmget(0x42455241, 4096, 0o1666)",
        "LIBC.syscall(CALL['memfd_create'], b'x', 0)",
    ),
    tries("makes itself hard to kill", "open('/proc/self/oom_score_adj', 'w').write('-1000')", "LIBC.mlockall(3)"),
]
