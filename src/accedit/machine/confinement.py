"""Shut the running process in, before it looks at a hostile file.

Two walls. Limits of the kernel (setrlimit): processor time, memory, size of what is
written, open files, no other process. Then a filter of system calls (seccomp, Linux on
x86-64 and arm64): from then on the process may read and write what it already holds
open, ask for memory, and end; it opens no file, starts nothing, reaches no network.
Every other call answers EPERM, so that a library which looks for a font goes on without.

Whoever calls this has imported everything first: an import opens files. Where the filter
cannot be set (another system, a kernel without it) the limits stand alone.
"""

import ctypes
import platform
import resource
import struct
import sys

MEGABYTE = 1024 * 1024
PROCESSOR_SECONDS = 20
MEMORY = 1024 * MEGABYTE
OUTPUT = 40 * MEGABYTE
OPEN_FILES = 16

# The calls that stay, by architecture: read, write, close, fstat, lseek, mmap, mprotect,
# munmap, brk, rt_sigaction, rt_sigprocmask, rt_sigreturn, pread64, writev, sched_yield,
# mremap, madvise, nanosleep, getpid, exit, gettimeofday, sigaltstack, gettid, futex,
# sched_getaffinity, restart_syscall, clock_gettime, exit_group, tgkill, getrandom.
X86_64 = (
    *(0, 1, 3, 5, 8, 9, 10, 11, 12, 13, 14, 15, 17, 20, 24, 25, 28, 35, 39, 60),
    *(96, 131, 186, 202, 204, 219, 228, 231, 234, 318),
)
ARM64 = (
    *(63, 64, 57, 80, 62, 222, 226, 215, 214, 134, 135, 139, 67, 66, 124, 216, 233, 101, 172),
    *(93, 169, 132, 178, 98, 123, 128, 113, 94, 131, 278),
)
AUDIT_ARCH = {"x86_64": (0xC000003E, X86_64), "aarch64": (0xC00000B7, ARM64)}

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
LOAD_WORD, JUMP_IF_EQUAL, RETURN = 0x20, 0x15, 0x06  # classic BPF
ALLOW, REFUSE_EPERM, KILL = 0x7FFF0000, 0x00050001, 0x80000000
NUMBER_AT, ARCH_AT = 0, 4  # in struct seccomp_data


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]


def shut_in() -> bool:
    """Limits always; the filter where it can be. The answer says whether the filter stands."""
    limits = {
        resource.RLIMIT_CPU: PROCESSOR_SECONDS,
        resource.RLIMIT_AS: MEMORY,
        resource.RLIMIT_FSIZE: OUTPUT,
        resource.RLIMIT_NOFILE: OPEN_FILES,
        resource.RLIMIT_NPROC: 0,
        resource.RLIMIT_CORE: 0,
    }
    for which, most in limits.items():
        resource.setrlimit(which, (most, most))
    return sys.platform == "linux" and _filter_calls()


def _filter_calls() -> bool:
    known = AUDIT_ARCH.get(platform.machine())
    if known is None:
        return False
    arch, allowed = known
    code = bytes_of_filter(arch=arch, allowed=allowed)
    program = _Program(len(code) // 8, code)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    return bool(libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0) == 0)


def bytes_of_filter(*, arch: int, allowed: tuple[int, ...]) -> bytes:
    """The filter as the kernel reads it: another architecture ends the process, a call of the
    list passes, every other one is refused."""
    steps = [
        (LOAD_WORD, 0, 0, ARCH_AT),
        (JUMP_IF_EQUAL, 1, 0, arch),
        (RETURN, 0, 0, KILL),
        (LOAD_WORD, 0, 0, NUMBER_AT),
    ]
    for rank, number in enumerate(allowed):
        steps.append((JUMP_IF_EQUAL, len(allowed) - rank, 0, number))
    steps += [(RETURN, 0, 0, REFUSE_EPERM), (RETURN, 0, 0, ALLOW)]
    return b"".join(struct.pack("=HBBI", *step) for step in steps)
