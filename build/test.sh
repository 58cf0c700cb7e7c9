# Build, format check and all tests. Sourced by ./segments; the entry point is run_tests.

# shellcheck source=build/servers.sh
. "$root/build/servers.sh"

# Prints what failed, why and where, and what was skipped: enough to understand a failure on a machine whose files are gone.
show_failures() {
  awk '/\[SKIP\]$/ { print; next }
       /\[FAIL\]$/ { rest = 30 }
       /^ ? ? ?[^ ]/ || /\[(PASS|SKIP)\]$/ { rest = 0 }
       rest > 0 { print substr($0, 1, 400); rest-- }' "$1" | head -200
}

# The test classes that took longest, in seconds.
show_slowest() {
  grep -oE '<collection [^>]*>' "$1" \
    | sed -nE 's/.*name="Test collection for OrleansSegments\.[A-Za-z]+\.([^ "]+).* time="([0-9]+)\..*/\2 s \1/p' | sort -rn | head -5 | sed 's/^/  /'
}

# Every test project is an executable that prints its own results; the counts of all are added up at the end.
run_tests() {
  local only="" quick="" as_is=""
  while [ $# -gt 0 ]; do
    case "$1" in
      --help|-h) echo "Usage: ./segments test [--project NAME] [--no-format] [--no-install]"; return 0 ;;
      --project) only="${2:?--project needs a name such as UnitTests}"; shift 2 ;;
      --no-format) quick=1; shift ;;
      --no-install) as_is=1; shift ;;
      *) fail "./segments test does not know '$1'; see ./segments test --help." ;;
    esac
  done

  mkdir -p "$root/artifacts"
  ensure_postgres "$as_is"
  ensure_rabbitmq "$as_is"
  ensure_sdks "$as_is"
  echo "== build"
  if ! dotnet build "$root/OrleansSegments.sln" -c Release -v q --nologo >"$root/artifacts/build-tests.log" 2>&1; then
    { grep -E "error" "$root/artifacts/build-tests.log" || cat "$root/artifacts/build-tests.log"; } | sort -u | head -40
    fail "the build failed; all of it is in artifacts/build-tests.log"
  fi

  local failed_steps=0
  if [ -z "$quick" ]; then
    echo "== format ($SECONDS s)"
    # The build checks style and analyzers (warnings are errors). This only checks the files, without loading projects.
    if ! dotnet format whitespace "$root" --folder --exclude "$root/artifacts" --verify-no-changes >"$root/artifacts/format.log" 2>&1; then
      head -40 "$root/artifacts/format.log"
      echo "the format check failed; all of it is in artifacts/format.log"
      failed_steps=1
    fi
  fi

  local passed=0 failed=$failed_steps skipped=0 project log times counts
  for project in UnitTests ClusterTests EndToEndTests; do
    [ -z "$only" ] || [ "$only" = "$project" ] || continue
    echo "== $project ($SECONDS s)"
    log="$root/artifacts/test-$project.log"
    times="$root/artifacts/test-$project.xml"
    dotnet "$(program "OrleansSegments.$project")" -noColor -xml "$times" >"$log" 2>&1 || true
    show_failures "$log"
    counts="$(grep -E "Total: [0-9]+, Errors: [0-9]+, Failed: [0-9]+" "$log" | tail -1 || true)"
    if [ -z "$counts" ]; then
      tail -20 "$log"
      echo "$project did not finish"
      failed=$((failed + 1))
      continue
    fi
    echo "$counts"
    show_slowest "$times"
    local total errors fails skips
    total="$(sed -E 's/.*Total: ([0-9]+).*/\1/' <<<"$counts")"
    errors="$(sed -E 's/.*Errors: ([0-9]+).*/\1/' <<<"$counts")"
    fails="$(sed -E 's/.*Failed: ([0-9]+).*/\1/' <<<"$counts")"
    skips="$(sed -E 's/.*Skipped: ([0-9]+).*/\1/' <<<"$counts")"
    passed=$((passed + total - fails - skips))
    failed=$((failed + fails + errors))
    skipped=$((skipped + skips))
  done

  echo "== done in $SECONDS s"
  echo "$passed passed, $failed failed, $skipped skipped"
  [ "$failed" -eq 0 ]
}
