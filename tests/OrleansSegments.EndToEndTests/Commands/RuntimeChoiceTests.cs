using OrleansSegments.CrashTests.Files;
using OrleansSegments.CrashTests.Processes;
using OrleansSegments.EndToEndTests.Processes;

namespace OrleansSegments.EndToEndTests.Commands;

/// <summary>Which runtime the script takes: its own files on a machine whose SDK only writes down what it is asked, and whose registry has Orleans or lacks it.</summary>
public sealed class RuntimeChoiceTests : IDisposable
{
    private const string Sdk =
        """
        #!/usr/bin/env bash
        echo "$*" >> "$CALLS"
        case "$1" in
          --version) echo 10.0.100 ;;
          restore) [ -e "$REGISTRY" ] || { echo "error NU1101: Unable to find package Microsoft.Orleans.Server."; exit 1; } ;;
        esac
        """;

    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, string> _settings;

    public RuntimeChoiceTests()
    {
        string root = SiloProgram.RepositoryRoot;
        Directory.CreateDirectory(_folder["build"]);
        Directory.CreateDirectory(_folder["bin"]);
        foreach (string file in Directory.GetFiles(Path.Combine(root, "build"), "*.sh").Append(Path.Combine(root, "segments")).Append(Path.Combine(root, "Directory.Packages.props")))
        {
            File.Copy(file, _folder[Path.GetRelativePath(root, file)]);
        }

        string sdk = _folder.Write("bin/dotnet", Sdk);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(sdk, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        _settings = new Dictionary<string, string>
        {
            ["PATH"] = $"{_folder["bin"]}:{Environment.GetEnvironmentVariable("PATH")}",
            ["CALLS"] = _folder["calls"],
            ["REGISTRY"] = _folder["registry"],
        };
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("up")]
    [InlineData("demo")]
    [InlineData("import")]
    public async Task What_serves_takes_Orleans_where_the_registry_has_it(string command)
    {
        _folder.Write("registry", "");
        string[] calls = await CallsAsync(command, "--data", "somewhere");
        Assert.Contains(calls, call => call.StartsWith("build ", StringComparison.Ordinal) && call.Contains("-p:UseOrleans=true", StringComparison.Ordinal));
        Assert.EndsWith($"bin/orleans/OrleansSegments.Silo/Release/net10.0/OrleansSegments.Silo.dll {command} --data somewhere", calls[^1], StringComparison.Ordinal);
        Assert.DoesNotContain(await CallsAsync(command), call => call.StartsWith("restore", StringComparison.Ordinal));
        Assert.Contains("runtime: orleans", (await RunAsync("doctor")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_registry_without_Orleans_is_asked_once_and_the_local_runtime_starts()
    {
        string[] calls = await CallsAsync("up");
        Assert.Single(calls, call => call.StartsWith("restore", StringComparison.Ordinal));
        Assert.Contains("bin/local/", calls[^1], StringComparison.Ordinal);
        calls = await CallsAsync("up");
        Assert.DoesNotContain(calls, call => call.StartsWith("restore", StringComparison.Ordinal));
        Assert.Contains("bin/local/", calls[^1], StringComparison.Ordinal);

        FinishedCommand cluster = await RunAsync("up", "--cluster");
        cluster.AssertRefused("Microsoft.Orleans.Server", "--source");

        Assert.Single(await CallsAsync("doctor"), call => call.StartsWith("restore", StringComparison.Ordinal));

        // The doctor asks anew, and whoever starts a silo after it knows.
        _folder.Write("registry", "");
        Assert.Contains("runtime: orleans", (await RunAsync("doctor")).Output, StringComparison.Ordinal);
        Assert.Contains("bin/orleans/", (await CallsAsync("up"))[^1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("local", "up", "--runtime", "local")]
    [InlineData("local", "up", "--help")]
    [InlineData("local", "load")]
    [InlineData("local", "bench", "store")]
    [InlineData("orleans", "bench", "store", "--runtime", "orleans")]
    public async Task What_is_asked_for_by_hand_is_taken_and_what_measures_is_local(string flavour, params string[] arguments)
    {
        _folder.Write("registry", "");
        Assert.Contains($"bin/{flavour}/", (await CallsAsync(arguments))[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_another_source_has_is_not_taken_for_the_registrys()
    {
        string registry = _folder.Write("registry", "");
        string[] calls = await CallsAsync("up", "--source", _folder["bin"]);
        Assert.Single(calls, call => call.StartsWith("restore", StringComparison.Ordinal));
        Assert.Contains("bin/orleans/", calls[^1], StringComparison.Ordinal);
        File.Delete(registry);
        Assert.Contains("bin/local/", (await CallsAsync("up"))[^1], StringComparison.Ordinal);
    }

    /// <summary>What the SDK was asked for by one command.</summary>
    private async Task<string[]> CallsAsync(params string[] arguments)
    {
        File.Delete(_folder["calls"]);
        (await RunAsync(arguments)).AssertSucceeded();
        return File.ReadAllLines(_folder["calls"]);
    }

    private Task<FinishedCommand> RunAsync(params string[] arguments) => SiloCommand.RunProgramAsync(_folder["segments"], arguments, _settings);
}
