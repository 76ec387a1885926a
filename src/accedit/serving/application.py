"""What the HTTP server loads: the front, assembled from the settings."""

from multiprocessing import parent_process
from urllib.parse import urlsplit

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler

django.setup()

from django.urls import get_resolver  # noqa: E402 - after Django is ready

from accedit.serving.bridge import Bridge  # noqa: E402
from accedit.serving.front import Front, Health  # noqa: E402
from accedit.serving.origins import Origins  # noqa: E402
from accedit.serving.parent import die_with_parent  # noqa: E402
from accedit.serving.routes import RAW  # noqa: E402
from accedit.serving.statics import Statics  # noqa: E402


def assembled() -> Front:
    get_resolver().url_patterns  # noqa: B018 - loads every page now, not at the first visitor's cost
    return Front(
        origins=Origins(
            base_url=settings.BASE_URL, content_url=settings.CONTENT_URL, demo=settings.DEMO
        ),
        bridge=Bridge(
            WSGIHandler(),
            body_limit=settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
            scheme=urlsplit(settings.BASE_URL).scheme,
        ),
        statics=Statics(settings.STATIC_ROOT, prefix=settings.STATIC_URL),
        raw=RAW,
        healthy=Health(),
        trusted_proxies=frozenset(settings.TRUSTED_PROXIES),
    )


# A worker left behind by a killed server would go on answering on its port.
server = parent_process()
die_with_parent(server.pid if server else None)
application = assembled()
