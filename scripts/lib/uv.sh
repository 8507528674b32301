# shellcheck shell=bash
# Finds uv, which makes the environments; installs it privately from PyPI otherwise.

# Set `uv` to a program that is new enough; call it before anything that uses "$uv".
uv=
find_uv() {
  [ -z "$uv" ] || return 0
  local candidate
  keep_caches
  for candidate in "$(command -v uv || true)" "$tools/uv/bin/uv"; do
    if is_fit_uv "$candidate"; then
      uv=$candidate
      break
    fi
  done
  [ -n "$uv" ] || install_uv
  follow_pip
}

# The options that the setup uses came with uv 0.8.
is_fit_uv() {
  [ -x "$1" ] && "$1" venv --help 2>/dev/null | grep -q -e --clear
}

install_uv() {
  local python
  for python in python3 python; do
    have "$python" || continue
    say "uv into .tools/uv"
    rm -rf "$tools/uv"
    if "$python" -m venv "$tools/uv" >/dev/null 2>&1; then
      quietly "$tools/uv/bin/python" -m pip install --quiet uv || continue
    else
      # Debian splits ensurepip from Python; a pip of the machine's own does as well.
      rm -rf "$tools/uv"
      quietly "$python" -m pip install --quiet --target "$tools/uv" uv || continue
    fi
    uv=$tools/uv/bin/uv
    is_fit_uv "$uv" && return 0
  done
  die "uv is missing and could not be installed with pip. Install uv, then run this again."
}

# A machine that has told pip about a mirror, or whom to trust, means it for uv as well.
follow_pip() {
  local told index trusted
  # Its `config get` would look into the user's file alone.
  told=$( (python3 -m pip config list || "$tools/uv/bin/python" -m pip config list) 2>/dev/null) ||
    told=
  index=${PIP_INDEX_URL:-$(sed -n "s/^global\.index-url='\(.*\)'$/\1/p" <<<"$told")}
  trusted=${PIP_CERT:-$(sed -n "s/^global\.cert='\(.*\)'$/\1/p" <<<"$told")}
  [ -z "$index" ] || [ -n "${UV_DEFAULT_INDEX:-}${UV_INDEX_URL:-}" ] ||
    export UV_DEFAULT_INDEX=$index
  [ -z "$trusted" ] || export SSL_CERT_FILE=${SSL_CERT_FILE:-$trusted}
}
