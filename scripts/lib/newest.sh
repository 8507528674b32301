# shellcheck shell=bash
# Prepares the newest Home Assistant that can be installed, for the demo and for the tests.

# Which one that is, is asked each time; without an answer, the one that is there will do.
target_newest() {
  find_newest
  ensure newest "$tools/newest/bin/python" "$tools/newest.txt" \
    "$root/requirements_test.txt" "$root/demo/requirements.txt" \
    "$root/scripts/lib/python.sh" "$root/scripts/lib/newest.sh"
}

# Keep in .tools/newest.txt what to install; written only when it is another one.
find_newest() {
  local newest
  find_python
  find_uv
  newest=$("$uv" pip compile --quiet --no-config --no-deps --no-header --no-annotate \
    --python "$python" - 2>/dev/null <<<homeassistant) || newest=
  mkdir -p "$tools"
  if [ -n "$newest" ]; then
    echo "$newest" >"$tools/newest.txt"
  elif [ ! -r "$tools/newest.txt" ]; then
    die "which Home Assistant is the newest is not known: the package index did not answer"
  fi
}

# The test package belongs to one version of Home Assistant; here it gets another one, and
# with it everything that this one is held to.
build_newest() {
  local venv=$tools/newest list=$tools/newest_list.txt
  need_compiler
  make_environment "$venv"
  install_into "$venv" --requirement "$tools/newest.txt"
  say "$(cat "$tools/newest.txt") with tests, page and voice parts"
  "$venv/bin/python" "$root/scripts/lib/newest.py" constraints >"$tools/newest_held.txt"
  install_into "$venv" --override "$tools/newest_held.txt" \
    --requirement "$root/requirements_test.txt"
  "$venv/bin/python" "$root/scripts/lib/newest.py" first-start \
    "$root/demo/requirements.txt" >"$list"
  install_into "$venv" --requirement "$list"
}
