using System.Diagnostics;

namespace OrleansSegments.CrashTests.Clusters;

/// <summary>
/// A separate network for each silo (Linux network namespaces), connected by a bridge to this process's, so that a silo can be
/// disconnected. Requires the right to create namespaces; they are removed on disposal.
/// </summary>
public sealed class SiloNetwork : IAsyncDisposable
{
    private const int Namespaces = 200;

    private static int _next = Environment.ProcessId;

    private readonly string _name;
    private readonly string _subnet;
    private readonly int _silos;

    private SiloNetwork(int number, int silos)
    {
        (_name, _subnet, _silos) = ($"seg{number}", $"10.233.{number}", silos);
    }

    private string Bridge => $"{_name}br";

    /// <summary>Why a silo's network cannot be cut here, and what to do about it; null when it can.</summary>
    public static async Task<string?> ProblemAsync()
    {
        try
        {
            await using SiloNetwork network = await CreateAsync(1);
            IReadOnlyList<string> enter = network.Enter(0);
            await RunAsync(enter[0], [.. enter.Skip(1), "true"]);
            return null;
        }
        catch (Exception problem) when (problem is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return $"NO NETWORK IS CUT: a network namespace cannot be made here ({problem.Message}). Run as root on Linux, with iproute2 installed.";
        }
    }

    public static async Task<SiloNetwork> CreateAsync(int silos)
    {
        var network = new SiloNetwork(1 + (int)((uint)Interlocked.Increment(ref _next) % Namespaces), silos);
        try
        {
            await network.MakeAsync();
            return network;
        }
        catch
        {
            await network.DisposeAsync();
            throw;
        }
    }

    /// <summary>The address of a silo for all processes.</summary>
    public string AddressOf(int silo) => $"{_subnet}.{silo + 2}";

    /// <summary>The command prefix that runs a command in a silo's network.</summary>
    public IReadOnlyList<string> Enter(int silo) => ["ip", "netns", "exec", NamespaceOf(silo)];

    /// <summary>Disconnects a silo: packets are dropped silently.</summary>
    public Task CutAsync(int silo) => RunAsync("ip", "link", "set", CableOf(silo), "down");

    public Task JoinAsync(int silo) => RunAsync("ip", "link", "set", CableOf(silo), "up");

    public async ValueTask DisposeAsync()
    {
        for (int silo = 0; silo < _silos; silo++)
        {
            // The veth pair is removed with the namespace that one end is in.
            await TryRunAsync("ip", "netns", "del", NamespaceOf(silo));
            await TryRunAsync("ip", "link", "del", CableOf(silo));
        }

        await TryRunAsync("ip", "link", "del", Bridge);
    }

    private string NamespaceOf(int silo) => $"{_name}n{silo}";

    private string CableOf(int silo) => $"{_name}c{silo}";

    private async Task MakeAsync()
    {
        await RunAsync("ip", "link", "add", Bridge, "type", "bridge");
        await RunAsync("ip", "addr", "add", $"{_subnet}.1/24", "dev", Bridge);
        await RunAsync("ip", "link", "set", Bridge, "up");
        for (int silo = 0; silo < _silos; silo++)
        {
            string inside = $"{_name}i{silo}";
            await RunAsync("ip", "netns", "add", NamespaceOf(silo));
            await RunAsync("ip", "link", "add", CableOf(silo), "type", "veth", "peer", "name", inside);
            await RunAsync("ip", "link", "set", inside, "netns", NamespaceOf(silo));
            await RunAsync("ip", "link", "set", CableOf(silo), "master", Bridge, "up");
            await RunAsync("ip", "-n", NamespaceOf(silo), "addr", "add", $"{AddressOf(silo)}/24", "dev", inside);
            await RunAsync("ip", "-n", NamespaceOf(silo), "link", "set", inside, "up");
            await RunAsync("ip", "-n", NamespaceOf(silo), "link", "set", "lo", "up");
        }
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        string problem = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {problem.Trim()}");
        }
    }

    private static async Task TryRunAsync(string program, params string[] arguments)
    {
        try
        {
            await RunAsync(program, arguments);
        }
        catch (Exception problem) when (problem is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // It was never created, or was removed with another.
        }
    }
}
