# Chooses the flavour (local or orleans) and builds in it. Sourced by ./segments, which sets root, runtime and source.

# Where the answer of the last probe is kept; what another source has says nothing about the registry alone.
probe_file="$root/artifacts/probe/orleans${source:+-with-source}"

# The packages whose presence decides; a registry that has one may lack another.
probe_orleans() {
  local folder="$root/artifacts/probe/project" answer=absent
  mkdir -p "$folder"
  cat > "$folder/Probe.csproj" <<PROJECT
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <TargetFramework>net10.0</TargetFramework>
    <BaseIntermediateOutputPath>$folder/obj/</BaseIntermediateOutputPath>
  </PropertyGroup>
  <ItemGroup>
    <PackageReference Include="Microsoft.Orleans.Server" />
    <PackageReference Include="Microsoft.Orleans.Client" />
    <PackageReference Include="Microsoft.Orleans.Sdk" />
    <PackageReference Include="Microsoft.Orleans.Reminders" />
    <PackageReference Include="Microsoft.Orleans.Connections.Security" />
    <PackageReference Include="Microsoft.Orleans.Persistence.AdoNet" />
    <PackageReference Include="Microsoft.Orleans.Clustering.AdoNet" />
    <PackageReference Include="Microsoft.Orleans.Reminders.AdoNet" />
  </ItemGroup>
</Project>
PROJECT
  # The registry is asked anew, not what an earlier answer left behind.
  rm -rf "$folder/obj"
  if dotnet restore "$folder/Probe.csproj" -v q ${source:+-p:RestoreAdditionalProjectSources="$source"} >"$folder/restore.log" 2>&1; then answer=present; fi
  mkdir -p "$(dirname "$probe_file")"
  echo "$answer" > "$probe_file"
}

# Whether Orleans can be had, asked at most once by a command: present or absent.
orleans=""

# Presence is believed from command to command; of absence the registry is asked again, unless the caller can do without ("kept").
find_orleans() {
  [ -z "$orleans" ] || return 0
  [ -n "$source" ] || orleans="$(cat "$probe_file" 2>/dev/null || true)"
  if [ "$orleans" != present ] && ! { [ -n "$orleans" ] && [ "${1-}" = kept ]; }; then
    echo "asking the registry for Orleans ..." >&2
    probe_orleans
    orleans="$(cat "$probe_file")"
  fi
}

# What the last probe missed, for messages.
missing_packages() {
  grep -ohE "Unable to find (a stable )?package [A-Za-z.]+" "$root/artifacts/probe/project/restore.log" 2>/dev/null | awk '{print $NF}' | sort -u | paste -sd' ' || true
}

asks_for_help() { [[ " ${arguments[*]-} " =~ \ (--help|-h|-\?)\  ]]; }

# What serves takes Orleans where it can be had. What measures or tests takes the local runtime unless told: what it says must not depend on what a
# registry has. The same text of help needs no registry.
flavour=local
reason="test, bench and load take it unless --runtime says otherwise"
if [ -n "$runtime" ]; then
  flavour="$runtime"
  reason="as asked"
elif [ "$command" = api ] || [[ " ${arguments[*]-} " == *" --cluster "* ]]; then
  flavour=orleans
  reason="a cluster needs it"
else
  case "$command" in
    doctor|demo|up|import)
      # The doctor asks anew; whoever starts a silo does not wait for a registry that said no once.
      asks_for_help || find_orleans "$([ "$command" = doctor ] || echo kept)"
      if [ "$orleans" = present ]; then
        flavour=orleans
        reason="the registry has it; --runtime local starts demo, up and import in one process without it, which is faster and lighter"
      else
        reason="the registry lacks Orleans; a cluster (up --cluster, api) cannot be started"
      fi ;;
  esac
fi

# The folder below artifacts/bin that a build of the flavour goes to.
output=""
msbuild_flags=()
choose_flavour() {
  flavour="$1"
  output="$flavour"
  msbuild_flags=()
  [ "$flavour" != orleans ] || msbuild_flags+=(-p:UseOrleans=true)
  [ -z "$source" ] || msbuild_flags+=("-p:RestoreAdditionalProjectSources=$source")
  [ -z "$ml_net" ] || { msbuild_flags+=(-p:UseMlNet=true); output="$flavour-mlnet"; }
}
choose_flavour "$flavour"

# Before a build on Orleans, so that a registry without its packages is told from a mistake in the code.
require_orleans() {
  [ "$flavour" = orleans ] || return 0
  find_orleans
  [ "$orleans" = present ] || fail "the registry lacks Orleans packages ($(missing_packages)). Name a folder that has them with --source DIR${runtime:+, or leave --runtime orleans out to run in one process}."
}

# Builds one project in Release, silently unless it takes a while or fails.
build_project() {
  local log="$root/artifacts/build-$flavour.log"
  require_orleans
  mkdir -p "$root/artifacts"
  echo "building ($flavour) ..." >&2
  if ! dotnet build "$root/$1" -c Release -v q --nologo ${msbuild_flags[@]+"${msbuild_flags[@]}"} >"$log" 2>&1; then
    grep -E "error|warn" "$log" | sort -u | head -20 >&2 || tail -20 "$log" >&2
    fail "the build failed; all of it is in $log"
  fi
}

describe_runtime() {
  echo "SDK $(dotnet --version)"
  find_orleans
  if [ "$orleans" = present ]; then
    echo "Orleans packages: present, version $(sed -nE 's/.*<OrleansVersion>(.*)<.*/\1/p' "$root/Directory.Packages.props")"
  else
    echo "Orleans packages: absent ($(missing_packages)); --source DIR names a folder that has them"
  fi
  echo "runtime: $flavour ($reason)"
  [ -n "$runtime" ] || echo "test, bench and load: local, unless --runtime orleans"
}
