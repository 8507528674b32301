# shellcheck shell=bash
# What the scripts share: where things are, what they say, one lock, and stamps.
# Sourced by bash; callers have set -euo pipefail.

source "$(dirname "${BASH_SOURCE[0]}")/alone.sh"
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
tools=$root/.tools

# Progress goes to stderr, so that stdout carries results alone.
say() { printf '%s\n' "${0##*/}: $*" >&2; }

die() {
  say "$*"
  exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# Package managers keep their caches at home; without a home to write to they get a place here.
keep_caches() {
  mkdir -p "${HOME:-/dev/null}/.cache" 2>/dev/null && [ -w "$HOME/.cache" ] && return
  export XDG_CACHE_HOME=${XDG_CACHE_HOME:-$tools/cache}
  export npm_config_cache=${npm_config_cache:-$tools/cache/npm}
}

# Run a command within so many seconds, where the machine can measure them.
within() {
  if have timeout; then
    timeout "$@"
  else
    shift
    "$@"
  fi
}

# Run a command and show what it printed only if it fails.
quietly() {
  local log status=0
  mkdir -p "$tools"
  log=$(mktemp "$tools/log.XXXXXX")
  "$@" >"$log" 2>&1 </dev/null || status=$?
  if [ "$status" -ne 0 ]; then
    say "failed ($status): $*"
    tail -n 40 "$log" >&2
  fi
  rm -f "$log"
  return "$status"
}

# Wait for other runs of the setup, and keep them out until this process ends.
locked=
take_lock() {
  [ -z "$locked" ] || return 0
  mkdir -p "$tools"
  if have flock; then
    exec 9>"$tools/lock"
    flock -n 9 || {
      say "another setup is at work here, waiting for it"
      flock 9
    }
  else
    take_lock_folder
  fi
  locked=yes
}

# The same for machines without flock: making a folder succeeds only once.
take_lock_folder() {
  local folder=$tools/lock.d owner told=
  until mkdir "$folder" 2>/dev/null; do
    owner=$(cat "$folder/pid" 2>/dev/null || true)
    if [ -n "$owner" ] && ! kill -0 "$owner" 2>/dev/null; then
      rm -rf "$folder"
      continue
    fi
    [ -n "$told" ] || say "another setup is at work here, waiting for it"
    told=yes
    sleep 0.2
  done
  echo $$ >"$folder/pid"
  trap 'rm -rf "$tools/lock.d"' EXIT
}

# A digest of the files that decide what a target looks like. The project's own place
# counts too: environments and patched programs hold absolute paths.
digest() {
  {
    printf '%s\n' "$root" "$@"
    cat "$@"
  } | git hash-object --stdin
}

# ensure TARGET PROBE INPUT...: call build_TARGET unless it has been built from these
# inputs and the file PROBE is there.
ensure() {
  local target=$1 probe=$2 wanted
  shift 2
  wanted=$(digest "$@")
  ! is_built "$target" "$probe" "$wanted" || return 0
  take_lock
  ! is_built "$target" "$probe" "$wanted" || return 0
  mkdir -p "$tools/stamps"
  rm -f "$tools/stamps/$target"
  "build_$target"
  printf '%s\n' "$wanted" >"$tools/stamps/$target"
}

is_built() {
  local target=$1 probe=$2 wanted=$3 stamp=
  [ -e "$probe" ] || return 1
  [ -r "$tools/stamps/$target" ] && read -r stamp <"$tools/stamps/$target"
  [ "$stamp" = "$wanted" ]
}
