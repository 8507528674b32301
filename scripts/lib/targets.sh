# What scripts/setup can prepare: one target_NAME with its inputs, one build_NAME each.

target_tests() {
  ensure tests "$root/.venv/bin/python" "$root/requirements_test.txt" \
    "$root/scripts/lib/python.sh" "$root/scripts/lib/targets.sh"
}

build_tests() {
  make_environment "$root/.venv" --requirement "$root/requirements_test.txt"
}

# make_environment FOLDER ARGUMENT...: exactly these packages on Python 3.14.
make_environment() {
  local folder=$1
  shift
  find_python
  find_uv
  say "packages into ${folder#"$root"/}"
  fit_python "$folder/bin/python" >/dev/null ||
    quietly "$uv" venv --quiet --clear --no-config --python "$python" "$folder"
  quietly "$uv" pip install --quiet --no-config --exact --python "$folder/bin/python" "$@"
}

target_node() {
  local folder name
  for folder in "$root"/tests/contract/*/; do
    [ -e "$folder/package.json" ] || continue
    name=node_$(basename "$folder")
    eval "build_$name() { install_node_packages '$folder'; }"
    ensure "$name" - "$folder/package.json" "$folder/package-lock.json"
  done
}

install_node_packages() {
  have npm || die "Node.js 20 or newer with npm is needed for $1"
  say "npm packages into ${1#"$root"/}node_modules"
  quietly npm ci --prefix "$1" --no-audit --no-fund --loglevel=error
}
