#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Set up what Channelscope needs: `setup.sh run` to run it, `setup.sh test` to test it too. Quick when all is there.
set -eu
cd "$(dirname "$0")"
what=${1:-run}

# What Qt and a virtual environment need on Debian; docs/dependencies.md says why each.
packages="libgl1 libglib2.0-0 libfontconfig1 libdbus-1-3 libxkbcommon-x11-0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1
libxcb-render-util0 libxcb-shape0 libxcb-xinerama0 fonts-inter fonts-jetbrains-mono"
python3 -c "import ensurepip, venv" 2>/dev/null || packages="python3-venv $packages"
requirements=requirements.txt
if [ "$what" = test ]; then
    packages="$packages xvfb xauth chromium libatomic1 curl"
    requirements=requirements-dev.txt
fi

missing() {
    for package in $packages; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q "ok installed" || printf '%s ' "$package"
    done
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

fail() {
    printf '%s\n' "$@" >&2
    exit 2
}

# Hundreds of lines come from apt when there is no network; the last of them say enough.
install() {
    as_root apt-get update -qq >/dev/null 2>&1 || true # a broken source of something else need not matter
    # shellcheck disable=SC2086
    said=$(as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $1 2>&1) || {
        printf '%s\n' "$said" | tail -n 5 >&2
        fail "apt-get could not install these system packages: $1" "Its last words are above. It needs the network, once."
    }
}

if command -v dpkg-query >/dev/null && command -v apt-get >/dev/null; then
    need=$(missing)
    if [ -n "$need" ]; then
        if [ "$(id -u)" != 0 ] && ! sudo -n true 2>/dev/null; then
            if command -v sudo >/dev/null; then please="Please type" sudo="sudo "; else please="As root, please type" sudo=""; fi
            fail "Channelscope needs some system packages, and this user may not install them. $please:" \
                "  ${sudo}apt-get update; ${sudo}apt-get install --no-install-recommends $need"
        fi
        echo "Installing system packages: $need"
        install "$need"
    fi
fi

# Also one that was left half made, or whose Python is no longer the one it was made with, has no pip.
if ! .venv/bin/python -c "import pip" 2>/dev/null; then
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
        fail "Channelscope needs Python 3.11 or newer; this is $(python3 --version)."
    echo "Making a virtual environment in .venv"
    rm -rf .venv
    python3 -m venv .venv
fi
stamp=.venv/.installed-$requirements
wanted=$(cat requirements*.txt | cksum)
if [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ]; then
    echo "Installing Python packages from $requirements (once)"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check -r "$requirements" ||
        fail "pip could not install the Python packages; its words are above. It needs the network, once."
    echo "$wanted" >"$stamp"
fi
