# Chooses the flavour (local or orleans) and builds in it. Sourced by ./segments, which sets root, runtime and source.

# Where the answer of the last probe is kept; the registry is asked once.
probe_file="$root/artifacts/probe/orleans"

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
    <PackageReference Include="Microsoft.Orleans.Persistence.AdoNet" />
    <PackageReference Include="Microsoft.Orleans.Clustering.AdoNet" />
    <PackageReference Include="Microsoft.Orleans.Reminders.AdoNet" />
  </ItemGroup>
</Project>
PROJECT
  if dotnet restore "$folder/Probe.csproj" -v q ${source:+-p:RestoreAdditionalProjectSources="$source"} >"$folder/restore.log" 2>&1; then answer=present; fi
  mkdir -p "$(dirname "$probe_file")"
  echo "$answer" > "$probe_file"
}

orleans_packages() {
  [ -f "$probe_file" ] && [ -z "$source" ] || probe_orleans
  cat "$probe_file"
}

flavour="${runtime:-local}"
msbuild_flags=()
if [ "$flavour" = orleans ]; then
  msbuild_flags+=(-p:UseOrleans=true)
  [ -n "$source" ] && msbuild_flags+=("-p:RestoreAdditionalProjectSources=$source")
fi

# Builds one project in Release, silently unless it takes a while or fails.
build_project() {
  local log="$root/artifacts/build-$flavour.log"
  mkdir -p "$root/artifacts"
  echo "building ($flavour) ..." >&2
  if ! dotnet build "$root/$1" -c Release -v q --nologo ${msbuild_flags[@]+"${msbuild_flags[@]}"} >"$log" 2>&1; then
    grep -E "error|warn" "$log" | sort -u | head -20 >&2 || tail -20 "$log" >&2
    fail "the build failed; all of it is in $log"
  fi
}

describe_runtime() {
  echo "SDK $(dotnet --version)"
  echo "Orleans packages: $(orleans_packages)"
  echo "runtime: $flavour$([ -n "$runtime" ] && echo ' (as asked)' || echo ' (default: one process, needs nothing but the SDK)')"
}
