"""`serve`, `demo`, `migrate`: what brings an installation up."""

import json
import os
import subprocess
from argparse import Namespace
from pathlib import Path

from accedit.machine import folder, preparing, safety
from accedit.machine.folder import DataFolder
from accedit.machine.place import Place, reached
from accedit.machine.refusals import MachineRefusal
from accedit.machine.supervisor import Supervisor, check_port

DEMO_PORT = 8000


def demo(options: Namespace) -> int:
    """The demo: everything invented, mails shown and sent nowhere, on this machine alone."""
    port = options.port or DEMO_PORT
    url = f"http://localhost:{port}"
    os.environ |= {
        "ACCEDIT_DEMO": "oui",
        "ACCEDIT_BASE_URL": url,
        "ACCEDIT_CONTENT_URL": f"http://127.0.0.1:{port}",
    }
    os.environ.pop("DATABASE_URL", None)
    data = folder.made((options.data or _demo_path()).absolute(), kind=folder.DEMO)
    folder.held(data)
    check_port(port)
    if not data.loaded:
        folder.emptied(data)
    settings = f'demo = "oui"\nbase_url = "{url}"\ncontent_url = "http://127.0.0.1:{port}"\n'
    folder.written(data.path / folder.SETTINGS, settings)
    place = reached(data)
    try:
        preparing.ensured(place)
        _load_once(place)
        _tell_address(data, url)
    except BaseException:
        _let_go(place)
        raise
    return Supervisor(place, "127.0.0.1", port, workers=options.workers).run(url=url)


def serve(options: Namespace) -> int:
    """Real use: refuses to start on settings that are not safe."""
    data = folder.existing((options.data or folder.default_path()).absolute())
    if data.kind != folder.REAL:
        data = folder.made(data.path, kind=folder.REAL)  # refuses, with the words for it
    folder.held(data)
    place = reached(data)
    try:
        place.enter()
        from django.conf import settings  # noqa: PLC0415 - the environment had to be ready

        port = options.port or settings.PORT
        check_port(port)
        preparing.ensured(place)
        safety.check(settings, place)
    except BaseException:
        _let_go(place)
        raise
    tls = bool(settings.TLS_CERTIFICATE)
    supervisor = Supervisor(place, settings.LISTEN, port, workers=options.workers, tls=tls)
    return supervisor.run(url=settings.BASE_URL)


def migrate(options: Namespace) -> int:
    """Bring the tables, the rights and the static files to this version."""
    data = folder.existing((options.data or folder.default_path()).absolute())
    if folder.is_held(data.path):
        raise MachineRefusal(
            f"Accédit est en marche sur « {data.path} » : arrêtez-le avant de mettre à jour."
        )
    place = reached(data)
    try:
        preparing.ensured(place)
    finally:
        _let_go(place)
    return 0


def _demo_path() -> Path:
    """From a clone, `bin/demo` says where; installed, beside the real data and apart from them."""
    given = os.environ.get("ACCEDIT_DEMO_DATA")
    return Path(given) if given else folder.default_path().with_name("accedit-demo")


def _load_once(place: Place) -> None:
    data = place.folder
    if data.loaded:
        return
    fresh = data.path / ".demo.json"
    done = subprocess.run(  # noqa: S603 - our own program
        place.program("load-demo", str(fresh)),
        env=os.environ | place.environment() | {"PGOPTIONS": preparing.UNHURRIED},
        check=False,
    )
    if done.returncode != 0:
        raise MachineRefusal(
            "La démonstration n’a pas pu être chargée : lisez les lignes qui précèdent."
        )
    folder.written(data.demo_file, fresh.read_text(encoding="utf-8"))
    fresh.unlink()
    data.mark_loaded()


def _tell_address(data: DataFolder, url: str) -> None:
    """The demo's file gives the address of this start, whatever port it has today."""
    if not data.demo_file.is_file():
        return
    content = json.loads(data.demo_file.read_text(encoding="utf-8"))
    if content.get("base_url") != url:
        content["base_url"] = url
        folder.written(data.demo_file, json.dumps(content, ensure_ascii=False, indent=1) + "\n")


def _let_go(place: Place) -> None:
    if place.cluster is not None:
        place.cluster.stop()
