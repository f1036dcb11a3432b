"""Protocol: what a process may write into its pipe. The layer is right; the frames are not."""

# ruff: noqa: E501  a payload is easier to read on one line

from ..case import Case


def case(name, code, **more):
    return Case("protocol", name, "import struct\n" + code, **more)


CASES = [
    case("garbage", "os.write(serving()[0], bytes(range(256)) * 99)\nos._exit(0)\n"),
    case("says that the wall does not stand", "os.write(serving()[0], b'LOCK' + b'the machine is to blame')\nos._exit(71)\n"),
    case("dies as a failed lock-down does", "os._exit(71)\n"),
    case("a foreign magic", "send(2, b'', magic=b'EVIL')\n"),
    case("a foreign nonce", "send(2, struct.pack('<BH', 3, 0), nonce=bytes(16))\n"),
    case("an unknown kind of frame", "send(9, b'')\n"),
    case("a huge declared length", "send(2, b'', length=2**63)\n"),
    case("a length within bounds that never comes", "send(2, b'', length=2**20)\n"),
    case("a huge declared shape", "send(2, struct.pack('<BHHBBBQQ', 3, 1, 0, 1, 3, 2, 2**31, 2**31))\n"),
    case("an empty array of absurd axes", "axes = struct.pack('<BBBQQQ', 1, 3, 3, 0, 2**30, 2**29)\n"
         "send(2, struct.pack('<BHH', 3, 1, 6) + b'output' + struct.pack('<BH', 2, 100) + axes * 100)\n"),
    case("a list nested without end", "send(2, struct.pack('<BH', 2, 1) * 10000)\n"),
    case("a list with far too many entries", "send(2, struct.pack('<BH', 2, 65535) + bytes(65535))\n"),
    case("an unknown tag", "send(2, bytes([250]))\n"),
    case("bytes left over", "send(2, struct.pack('<BH', 3, 0) + b'more')\n"),
    case("an answer that is no mapping", "send(2, bytes([0]))\n"),
    case("a text that is no UTF-8", "send(3, struct.pack('<BHH', 3, 1, 4) + b'text' + struct.pack('<BH', 4, 2) + b'\\xff\\xfe')\n"),
    case("a failure of numbers", "send(3, struct.pack('<BHH', 3, 1, 4) + b'line' + struct.pack('<BBBd', 1, 3, 0, float('nan')))\n"),
    case("a flood", "try:\n    for _ in range(200):\n        os.write(serving()[0], bytes(2**20))\nexcept OSError:\n    pass\n"),
    case("a flood of tiny frames", "for _ in range(20000):\n    send(1, bytes([0]), stop=False)\nos._exit(0)\n"),
    case("a slow drip", "for _ in range(60):\n    os.write(serving()[0], b'B')\n    time.sleep(0.1)\n"),
    case("frames after the last", "send(2, struct.pack('<BH', 3, 0), stop=False)\nsend(2, bytes([0]))\n"),
    case("every descriptor closed", "os.closerange(0, 64)\n"),
    case("the answer written to every descriptor", "for file in range(64):\n    try:\n        os.write(file, b'{\"do\": \"end\", \"pid\": 1}')\n"
         "    except OSError:\n        pass\n"),
    case("a control channel taken over", "import socket\nfor file in range(3, 64):\n"
         "    got(lambda: socket.socket(fileno=os.dup(file)).sendall(b'{\"pid\": 1}\\n'))\n"),
    case("an epoch without a number", "file = serving()[0]\nif 'homework.probes.training' in sys.modules:\n"
         "    send(1, struct.pack('<BH', 3, 0))\n", only="9.1", file="assignment.py"),
]  # fmt: skip
