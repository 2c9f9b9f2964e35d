"""What the nursery of workers tells the engine: pairs of numbers, by the side of the workers' own lines."""

import struct

NOTE = struct.Struct("<ii")  # (0, GPUs found) at first; (pid, BORN); (pid, exit code or −signal) of one that has ended
BORN = 1 << 30  # no exit code is as large
UNBORN = -1  # the pid of a worker the system had no room for
