#!/usr/bin/env python3
"""The light executable links neither libtorch nor ITK and starts at once; nothing links FFTW (GPL); neither calls what
would send anything over a network. Usage: check_executables.py BUILD"""

import os
import pathlib
import re
import subprocess
import sys
import time

# What a program calls to reach another machine; socketpair and send, by which it speaks to its own child, do not.
NETWORK = re.compile(
    r"socket|connect|bind|listen|accept4?|sendto|getaddrinfo|gethostby\w+|curl_\w+|SSL_\w+|BIO_new_connect"
)


def libraries(path):
    return subprocess.run(["ldd", path], check=True, capture_output=True, text=True).stdout


def network_calls(path):
    """Functions of the network that the program itself calls."""
    command = ["nm", "--dynamic", "--undefined-only", path]
    symbols = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    names = {re.sub(r"@.*", "", line.split()[-1]) for line in symbols.splitlines() if line.split()}
    return sorted(n for n in names if NETWORK.fullmatch(n))


def main():
    build = sys.argv[1]
    light, heavy = libraries(f"{build}/gliocast"), libraries(f"{build}/gliocast-imaging")
    problems = [f"gliocast links {name}" for name in ("libtorch", "libITK", "libc10") if name in light]
    problems += [
        f"{which} links FFTW"
        for which, text in (("gliocast", light), ("gliocast-imaging", heavy))
        if "fftw" in text.lower()
    ]
    if "libtorch" not in heavy:
        problems.append("gliocast-imaging does not link libtorch: is this the right program?")
    programs = sorted(p.name for p in pathlib.Path(build).glob("gliocast*") if p.is_file() and os.access(p, os.X_OK))
    problems += [
        f"{which} calls {', '.join(calls)}: nothing is sent anywhere (README)"
        for which in programs
        if (calls := network_calls(f"{build}/{which}"))
    ]
    best = 9.0
    for _ in range(5):
        start = time.perf_counter()
        subprocess.run([f"{build}/gliocast", "--version"], check=True, capture_output=True)
        best = min(best, time.perf_counter() - start)
    print(f"gliocast --version: {1000 * best:.1f} ms")  # measured, not asserted: machines are shared
    print("\n".join(problems) or "executables are as they should be")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
