# Ensures that what tests and benchmarks use from outside is installed: server programs of PostgreSQL, RabbitMQ and Redis, client SDKs, a browser. Does not set up or start a server: tests and
# benchmarks start private ones.

# The oldest version that the store works with; the tests look for it in the same places.
postgres_oldest=15

has_postgres() {
  local folder version
  for folder in ${PATH//:/ } /usr/lib/postgresql/*/bin /usr/lib64/pgsql/bin /usr/lib64/pgsql/*/bin /usr/local/pgsql/bin /usr/pgsql/*/bin; do
    [ -x "$folder/initdb" ] && [ -x "$folder/postgres" ] || continue
    version="$("$folder/postgres" --version 2>/dev/null | sed -nE 's/.*\(PostgreSQL\) ([0-9]+).*/\1/p')"
    [ "${version:-0}" -lt "$postgres_oldest" ] || return 0
  done
  return 1
}

# Debian's package makes a cluster on the default port and starts it, unless it is told beforehand not to.
install_postgres() {
  local as_root=("$@") told=/etc/postgresql-common/createcluster.d/none.conf installed=1
  "${as_root[@]}" mkdir -p "${told%/*}"
  echo "create_main_cluster = false" | "${as_root[@]}" tee "$told" >/dev/null
  "${as_root[@]}" timeout 300 apt-get update -q || true
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive timeout 600 apt-get install -q -y --no-install-recommends postgresql || installed=0
  "${as_root[@]}" rm -f "$told"
  [ "$installed" = 1 ]
}

# How this user may install packages, in as_root; or why not, in why.
find_root() {
  as_root=() why=""
  if ! command -v apt-get >/dev/null; then why="this system has no apt-get to install it with"
  elif [ "$(id -u)" = 0 ]; then as_root=(env)
  elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then as_root=(sudo -n)
  else why="installing it needs root, or sudo without a password"
  fi
}

ensure_postgres() {
  has_postgres && return 0
  local as_root why log="$root/artifacts/install-postgres.log"
  find_root
  [ -z "$1" ] || why="as --no-install asks, it is not installed"
  if [ -z "$why" ]; then
    echo "== installing PostgreSQL's server programs (package postgresql; no server is set up)" >&2
    install_postgres "${as_root[@]}" >"$log" 2>&1 || true
    has_postgres && return 0
    why="installing it did not help; artifacts/install-postgres.log says why"
  fi

  echo "WARNING: PostgreSQL $postgres_oldest or later is not on this machine, and $why." >&2
  echo "WARNING: whatever needs PostgreSQL will be SKIPPED. To run it: apt-get install postgresql (Debian, Ubuntu), or put initdb and postgres on the PATH." >&2
}

# Unpacked and not installed, because Debian's package starts a server.
ensure_redis() {
  local as_root why folder="$root/artifacts/redis"
  export PATH="$PATH:$folder/usr/bin"
  export LD_LIBRARY_PATH="${LD_LIBRARY_PATH-}:$folder/usr/lib/$(uname -m)-linux-gnu"
  command -v redis-server >/dev/null && return 0
  find_root
  if [ -z "$why" ]; then
    echo "== fetching redis-server (for the comparison; no server is set up)" >&2
    mkdir -p "$folder"
    { "${as_root[@]}" timeout 300 apt-get update -q
      (cd "$folder" && for package in redis-server redis-tools liblzf1 liblua5.1-0 libjemalloc2 libhiredis0.14 lua-bitop lua-cjson; do
        timeout 120 apt-get download -q "$package" && dpkg -x "$package"_*.deb "$folder"; done); } >"$root/artifacts/install-redis.log" 2>&1 || true
  fi
  command -v redis-server >/dev/null || echo "WARNING: redis-server is not on this machine; the comparison leaves it out. To have it: apt-get install redis-server." >&2
}

# Unpacked and not installed, because Debian's packages start a broker. The tests look for it in the same folder.
ensure_rabbitmq() {
  local as_root why folder="$root/artifacts/rabbitmq" package
  [ ! -d /usr/lib/rabbitmq/lib ] || [ ! -x /usr/lib/erlang/bin/erl ] || return 0
  [ ! -e "$folder/whole" ] || return 0
  find_root
  [ -z "$1" ] || why="as --no-install asks, it is not fetched"
  if [ -z "$why" ]; then
    echo "== fetching RabbitMQ (packages rabbitmq-server and erlang-*; no broker is set up)" >&2
    rm -rf "$folder"
    mkdir -p "$folder"
    { "${as_root[@]}" timeout 300 apt-get update -q || true
      (cd "$folder" && for package in rabbitmq-server erlang-{base,asn1,crypto,eldap,inets,mnesia,os-mon,parsetools,public-key,runtime-tools,ssl,syntax-tools,tools,xmerl}; do
        timeout 120 apt-get download -q "$package" && dpkg -x "$package"_*.deb . || exit 1; done
        rm -f ./*.deb && sed -i "s|/usr/lib/erlang|$folder/usr/lib/erlang|g" usr/lib/erlang/bin/erl && touch whole); } >"$root/artifacts/install-rabbitmq.log" 2>&1 || true
    [ ! -e "$folder/whole" ] || return 0
    why="fetching it did not help; artifacts/install-rabbitmq.log says why"
  fi

  echo "WARNING: RabbitMQ is not on this machine, and $why." >&2
  echo "WARNING: whatever needs RabbitMQ will be SKIPPED. To run it: apt-get install rabbitmq-server (Debian, Ubuntu)." >&2
}

# The client SDKs and the browser that the end-to-end tests use. Debian's packages nodejs, npm and chromium, where they are missing and may be installed.
ensure_sdks() {
  local as_root why missing=() log="$root/artifacts/install-sdks.log" sdks="$root/tests/sdks"
  command -v node >/dev/null && command -v npm >/dev/null || missing+=(nodejs npm)
  command -v chromium >/dev/null || missing+=(chromium)
  find_root
  [ -z "$1" ] || why="as --no-install asks, nothing is installed"
  if [ ${#missing[@]} -gt 0 ] && [ -z "$why" ]; then
    echo "== installing ${missing[*]} (for the tests of client SDKs)" >&2
    { "${as_root[@]}" timeout 300 apt-get update -q || true
      "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive timeout 600 apt-get install -q -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1 || true
  fi
  if command -v npm >/dev/null && [ -z "$1" ] && [ "$sdks/package-lock.json" -nt "$sdks/node_modules/.package-lock.json" ]; then
    echo "== installing the client SDKs (npm ci in tests/sdks)" >&2
    (cd "$sdks" && timeout 300 npm ci --ignore-scripts --no-audit --no-fund && touch node_modules/.package-lock.json) >>"$log" 2>&1 || true
  fi
  [ -d "$sdks/node_modules/@segment" ] && command -v chromium >/dev/null \
    || echo "WARNING: Node 20, npm, the SDKs of tests/sdks or Chromium are missing${why:+, and $why}: their tests will be SKIPPED. artifacts/install-sdks.log says more." >&2
}
