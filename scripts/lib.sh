# shellcheck shell=bash
# What the scripts share: words, packages, toolchains, builds. Sourced with the repository's root as working directory.
# What fails here ends the script with a sentence, whether its caller has `set -e` in force or not.

# Vite 8 asks for this version of node or a newer one.
NODE_LEAST=20.19

TARGET=${CARGO_TARGET_DIR:-target}
# What runs of ours, beside nginx.
PROGRAMS=(sluice-backend sluice-uploader sluice-clipper sluice-thumbnailer)
# Where Debian keeps servers, and an ordinary user's PATH has not.
PATH="$PATH:/usr/sbin"

say() { printf '\033[1m==> %s\033[0m\n' "$*" >&2; }

fail() {
    printf '\033[1;31m%s: %s\033[0m\n' "$(basename "$0")" "$*" >&2
    exit 1
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        fail "this needs root, and there is no sudo. As root, run: $*"
    fi
}

# Runs a command whose output only matters when it fails.
quietly() {
    local output
    output=$("$@" 2>&1) || { printf '%s\n' "$output" >&2 && return 1; }
}

is_installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# Installs those of the packages that are missing. A server that Debian starts on installing is stopped again: Sluice
# and its tests run their own.
need_packages() {
    local missing=() package
    for package in "$@"; do
        is_installed "$package" || missing+=("$package")
    done
    [ ${#missing[@]} = 0 ] && return
    command -v apt-get >/dev/null || fail "install these first (there is no apt-get here to do it): ${missing[*]}"
    say "Installing ${missing[*]}"
    as_root apt-get update -qq || fail "apt-get cannot update its lists"
    quietly as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" ||
        fail "apt-get cannot install them"
    for package in "${missing[@]}"; do
        stop_service_of "$package"
    done
}

# What a running Sluice is made of beside its own programs.
need_runtime() { need_packages nginx libnginx-mod-rtmp ffmpeg ca-certificates; }

stop_service_of() {
    [ -d /run/systemd/system ] || return 0
    case $1 in
    nginx) as_root systemctl disable --quiet --now nginx ;;
    mariadb-server) as_root systemctl disable --quiet --now mariadb ;;
    postgresql) as_root systemctl disable --quiet --now postgresql ;;
    esac
}

# True when version $1 is $2 or newer.
at_least() { [ "$(printf '%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

need_cargo() {
    local least found
    least=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
    PATH="$PATH:${CARGO_HOME:-$HOME/.cargo}/bin"
    found=$(cargo --version 2>/dev/null | cut -d ' ' -f 2 || true)
    if [ -n "$found" ] && at_least "$found" "$least"; then
        return
    fi
    fail "Rust $least or newer is needed${found:+, and this is $found}. Debian 12 has an older one. Install it with

    sudo apt-get install -y curl
    curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y --profile minimal

or, where rustup is there already, \`rustup update stable\`; then run this again."
}

# Debian 12 has node 18; the npm package `node` carries a newer one, which is kept beside the build's output.
need_node() {
    local tools="$TARGET/tools" found
    if command -v node >/dev/null && at_least "$(node -p process.versions.node)" "$NODE_LEAST"; then
        command -v npm >/dev/null || need_packages npm
        return
    fi
    need_packages nodejs npm
    found=$(node -p process.versions.node)
    at_least "$found" "$NODE_LEAST" && return
    mkdir -p "$tools"
    tools=$(cd "$tools" && pwd)
    if ! [ -x "$tools/node_modules/node/bin/node" ]; then
        say "Installing a newer node than $found into $tools"
        npm install --prefix "$tools" --no-audit --no-fund --no-progress --loglevel=error node@22 >&2 ||
            fail "npm cannot install it"
    fi
    PATH="$tools/node_modules/node/bin:$PATH"
    found=$(node -p process.versions.node)
    at_least "$found" "$NODE_LEAST" || fail "node $NODE_LEAST or newer is needed, and this is $found"
}

# Builds our programs for use. Cargo itself skips what is up to date.
build_programs() {
    need_cargo
    # A C compiler and what goes with it, for SQLite and the cryptography.
    need_packages build-essential pkg-config ca-certificates
    say "Building ${PROGRAMS[*]} (the first time takes some minutes)"
    cargo build --release --locked "${PROGRAMS[@]/#/--package=}" || fail "they cannot be built"
}

# Installs the site's packages, when the list of them is not the one that is installed.
install_frontend() {
    need_node
    local done=frontend/node_modules/.sluice-installed
    if ! cmp -s frontend/package-lock.json "$done"; then
        say "Installing the site's packages"
        (cd frontend && npm ci --no-audit --no-fund --no-progress --loglevel=error >&2) || fail "npm cannot install them"
        cp frontend/package-lock.json "$done"
    fi
}

# Builds the site, when a file of it is newer than the last build.
build_frontend() {
    local built=frontend/node_modules/.sluice-built
    if [ -f frontend/dist/index.html ] && [ -f "$built" ] && ! frontend_is_newer_than "$built"; then
        return
    fi
    install_frontend
    say "Building the site"
    (cd frontend && npm run --silent build >&2) || fail "the site cannot be built"
    touch "$built"
}

frontend_is_newer_than() {
    find frontend -name node_modules -prune -o -name dist -prune -o -newer "$1" -type f -print -quit | grep -q .
}

random_hex() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }

# Writes a file of settings with fresh secrets, unless it is there.
write_settings() {
    local file=$1
    [ -e "$file" ] && return
    say "Writing $file with fresh secrets"
    (umask 077 && sed "s/^JWT_SECRET=.*/JWT_SECRET=$(random_hex)/" .env.example >"$file")
}
