"""The peer: nginx, which takes a file by PUT (module dav) and gives it as a static file.

On Debian: `apt-get install nginx-light`. It runs as we do, with one worker, from a folder of
its own, on loopback; nothing of the machine's own nginx is read or touched.
"""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from bench.installation import free_port

CONFIGURATION = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
    access_log off; sendfile on; tcp_nopush on; client_max_body_size 0; client_body_buffer_size 1m;
    client_body_temp_path {folder}/temp; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
    scgi_temp_path {folder}/s; uwsgi_temp_path {folder}/u;
    server {{ listen 127.0.0.1:{port}; root {folder}/files; dav_methods PUT; create_full_put_path on; }}
}}
"""


class NoPeer(Exception):
    """There is no nginx to stand beside."""


@contextmanager
def running(folder: Path) -> Iterator[tuple[int, Path]]:
    """Its port, and the folder of its files."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        raise NoPeer("nginx is missing: apt-get install nginx-light")
    port = free_port()
    (folder / "files").mkdir(parents=True)
    folder.chmod(0o755)
    file = folder / "nginx.conf"
    mine = "user root;" if Path("/proc/self").stat().st_uid == 0 else ""
    file.write_text(mine + CONFIGURATION.format(folder=folder, port=port))
    process = subprocess.Popen([program, "-c", str(file), "-e", str(folder / "error.log")])
    try:
        _await(port)
        yield port, folder / "files"
    finally:
        process.terminate()
        process.wait(timeout=10)


def _await(port: int) -> None:
    until = time.monotonic() + 10
    while True:
        try:
            httpx.get(f"http://127.0.0.1:{port}/")
        except httpx.TransportError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return
