# Read by bin/demo, bin/test and bin/accedit: sets up what they need, once, then gets out of the way.
#
#   set_up runtime      what the program needs to run
#   set_up dev          that, and the tools and libraries of the tests
#
# Everything goes below the repository (.outils, .venv) and is pinned by hash. A second start
# reads one stamp and does nothing. Two starts at once: the second waits for the first.

here=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
python="$here/.venv/bin/python"
UV=0.13.9
export UV_PYTHON_DOWNLOADS=never

say() { printf '%s\n' "$*" >&2; }
stop() { say "$*"; exit 1; }

fingerprint() { (cd "$here" && cat requirements.lock requirements-dev.lock pyproject.toml && echo "$here") | sha256sum | cut -c1-64; }

is_set_up() {
    [ -x "$python" ] && [ -f "$here/.venv/.set-up" ] || return 1
    read -r kind print < "$here/.venv/.set-up" || return 1
    [ "$print" = "$now" ] && { [ "$kind" = dev ] || [ "$1" = runtime ]; }
}

set_up() {
    now=$(fingerprint)
    is_set_up "$1" && return
    command -v python3 > /dev/null || stop "Il manque python3 : tapez « apt-get install python3 python3-pip », puis recommencez."
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
        || stop "Accédit demande Python 3.11 ou plus récent ; celui de cette machine est plus ancien."
    mkdir -p "$here/.outils"
    exec 9> "$here/.outils/lock"
    if command -v flock > /dev/null; then flock 9; fi
    is_set_up "$1" || install_all "$1"
    exec 9>&-
}

install_all() {
    say "Mise en place des bibliothèques (une seule fois, moins d’une minute)…"
    [ -w "${HOME:-/nonexistent}" ] || export UV_CACHE_DIR="$here/.outils/cache"
    if ! "$here/.outils/bin/uv" --version 2> /dev/null | grep -q "^uv $UV"; then
        python3 -m pip --version > /dev/null 2>&1 \
            || stop "Il manque pip : tapez « apt-get install python3-pip », puis recommencez."
        python3 -m pip install -q --upgrade --target "$here/.outils" --no-warn-script-location \
            --disable-pip-version-check --root-user-action=ignore "uv==$UV" \
            || stop "L’outil d’installation n’a pas pu être téléchargé : vérifiez l’accès au réseau."
    fi
    # What is there already is never taken away: the tools of the tests stay.
    wanted=$1
    if [ -f "$here/.venv/.set-up" ] && grep -q '^dev ' "$here/.venv/.set-up"; then wanted=dev; fi
    lock=requirements.lock
    if [ "$wanted" = dev ]; then lock=requirements-dev.lock; fi
    rm -f "$here/.venv/.set-up"
    uv="$here/.outils/bin/uv"
    { [ -x "$python" ] || "$uv" venv -q --clear --python "$(command -v python3)" "$here/.venv"; } \
        && "$uv" pip install -q -p "$here/.venv" --require-hashes -r "$here/$lock" \
        && "$uv" pip install -q -p "$here/.venv" --no-deps -e "$here" \
        || stop "Les bibliothèques n’ont pas pu être installées : lisez les lignes qui précèdent."
    echo "$wanted $now" > "$here/.venv/.set-up"
}
