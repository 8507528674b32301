# shellcheck shell=bash
# What scripts/setup can prepare: one target_NAME with its inputs, one build_NAME each.

target_tests() {
  ensure tests "$root/.venv/bin/python" "$root/requirements_test.txt" \
    "$root/scripts/lib/python.sh" "$root/scripts/lib/targets.sh"
}

build_tests() {
  make_environment "$root/.venv"
  install_into "$root/.venv" --exact --requirement "$root/requirements_test.txt"
}

# make_environment FOLDER: a virtual environment of Python 3.14, kept if it works.
make_environment() {
  find_python
  find_uv
  say "packages into ${1#"$root"/}"
  fit_python "$1/bin/python" >/dev/null ||
    quietly "$uv" venv --quiet --clear --no-config --python "$python" "$1"
}

# install_into FOLDER ARGUMENT...: what `uv pip install` takes.
install_into() {
  local folder=$1
  shift
  quietly "$uv" pip install --quiet --no-config --python "$folder/bin/python" "$@"
}

target_node() {
  local folder name
  for folder in "$root"/tests/contract/*/; do
    [ -e "$folder/package.json" ] || continue
    name=node_$(basename "$folder")
    eval "build_$name() { install_node_packages ${folder@Q}; }"
    # npm leaves that last.
    ensure "$name" "$folder/node_modules/.package-lock.json" \
      "$folder/package.json" "$folder/package-lock.json"
  done
}

install_node_packages() {
  have npm || die "Node.js 20 or newer with npm is needed for $1"
  keep_caches
  say "npm packages into ${1#"$root"/}node_modules"
  quietly npm ci --prefix "$1" --no-audit --no-fund --loglevel=error
}

target_demo() {
  ensure demo "$root/.demo/venv/bin/python" "$root/demo/requirements.txt" \
    "$root/custom_components/iot_clouds/manifest.json" \
    "$root/scripts/lib/python.sh" "$root/scripts/lib/targets.sh"
}

build_demo() {
  local venv=$root/.demo/venv
  need_compiler
  make_environment "$venv"
  install_into "$venv" "$(sed -n '/^homeassistant==/p' "$root/demo/requirements.txt")"
  # The versions that Home Assistant itself would hold everything else to.
  "$venv/bin/python" - "$root" >"$root/.demo/requirements.txt" <<'LIST'
import json, pathlib, sys, homeassistant
here = pathlib.Path(homeassistant.__file__).parent
root = pathlib.Path(sys.argv[1])
manifest = root / "custom_components/iot_clouds/manifest.json"
print("-c", here / "package_constraints.txt")
print("-r", root / "demo/requirements.txt")
print(*json.loads(manifest.read_text())["requirements"], sep="\n")
LIST
  say "Home Assistant's page and voice parts, some of it compiled"
  install_into "$venv" --requirement "$root/.demo/requirements.txt"
}

need_compiler() {
  have c++ || have g++ || have clang++ ||
    die "a C++ compiler is needed: two packages of Home Assistant come as source"
}

# A program that PATH has is used as it is; the path is what stdout gets.
target_mosquitto() {
  PATH=$PATH:/usr/local/sbin:/usr/sbin
  if ! have mosquitto; then
    ensure mosquitto "$tools/mosquitto/run" "$root/scripts/debian" "$root/scripts/lib/targets.sh"
    echo "$tools/mosquitto/run"
    return
  fi
  command -v mosquitto
}

build_mosquitto() {
  unpack mosquitto mosquitto || die "install mosquitto, or put it on PATH"
  launcher mosquitto usr/sbin/mosquitto
}

target_chromium() {
  ensure browser "$tools/browser/bin/python" "$root/requirements_browser.txt" \
    "$root/scripts/lib/python.sh" "$root/scripts/lib/targets.sh"
  local name
  for name in chromium chromium-browser google-chrome; do
    # Ubuntu's chromium-browser only asks to install something else.
    if have "$name" && "$name" --version >/dev/null 2>&1; then
      command -v "$name"
      return
    fi
  done
  ensure chromium "$tools/chromium/run" "$root/scripts/debian" "$root/scripts/lib/targets.sh"
  echo "$tools/chromium/run"
}

build_browser() {
  make_environment "$tools/browser"
  install_into "$tools/browser" --exact --requirement "$root/requirements_browser.txt"
}

build_chromium() {
  unpack chromium chromium fonts-liberation || die \
    "no browser: install chromium (Debian, Fedora) or google-chrome, put it on PATH, and run this again"
  local folder=$tools/chromium conf=$tools/chromium/fonts.conf
  cat >"$conf" <<FONTS
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>$folder/usr/share/fonts</dir>
  <dir>/usr/share/fonts</dir>
  <alias><family>sans-serif</family><prefer><family>Liberation Sans</family></prefer></alias>
  <alias><family>monospace</family><prefer><family>Liberation Mono</family></prefer></alias>
  <cachedir>$folder/fonts-cache</cachedir>
</fontconfig>
FONTS
  launcher chromium usr/lib/chromium/chromium "FONTCONFIG_FILE=$(quoted "$conf")"
}

# unpack NAME PACKAGE...: Debian packages into .tools/NAME.
unpack() {
  local name=$1
  shift
  say "Debian's $name into .tools/$name"
  rm -rf "${tools:?}/$name"
  "$root/scripts/debian" "$tools/$name" "$@"
}

# launcher NAME PROGRAM [ASSIGNMENT]: .tools/NAME/run starts PROGRAM with the libraries
# that were unpacked beside it. It becomes the program, so that signals reach it.
launcher() {
  local folder=$tools/$1 program=$tools/$1/$2 libraries
  libraries=$(find "$folder" -path '*-linux-gnu*' -name '*.so*' -exec dirname {} + | sort -u | paste -sd : -)
  cat >"$folder/run" <<RUN
#!/bin/sh
export LD_LIBRARY_PATH=$(quoted "$libraries")"\${LD_LIBRARY_PATH:+:\$LD_LIBRARY_PATH}" ${3:-}
exec $(quoted "$program") "\$@"
RUN
  chmod +x "$folder/run"
}

# quoted TEXT: as any shell reads it; bash's own way is not understood by every sh.
quoted() { printf "'%s'" "${1//\'/\'\\\'\'}"; }
