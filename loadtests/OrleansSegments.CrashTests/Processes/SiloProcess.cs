using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;
using OrleansSegments.CrashTests.Http;
using OrleansSegments.TestKit.Waiting;

namespace OrleansSegments.CrashTests.Processes;

/// <summary>A silo in its own process, with keys known to the tests, on a port picked by the system or a given one.</summary>
public sealed partial class SiloProcess : IAsyncDisposable
{
    private static readonly TimeSpan StopsWithin = TimeSpan.FromMinutes(1);

    private static readonly ConcurrentDictionary<int, Process> Running = [];

    private readonly Process _process;
    private readonly ProcessOutput _output;
    private readonly ProcessOutput _errors;

    // An interrupted run must not leave silos behind.
    static SiloProcess() => AppDomain.CurrentDomain.ProcessExit += static (_, _) =>
    {
        foreach (Process process in Running.Values)
        {
            process.Kill();
        }
    };

    private SiloProcess(Process process)
    {
        _process = process;
        Running[process.Id] = process;
        _output = new ProcessOutput(process.StandardOutput);
        _errors = new ProcessOutput(process.StandardError);
    }

    /// <summary>The API; valid once the silo serves.</summary>
    public SegmentsApi Api { get; private set; } = null!;

    public Uri Address { get; private set; } = null!;

    public int ProcessId => _process.Id;

    public string Output => _output.Text;

    public string Errors => _errors.Text;

    /// <summary>Starts a silo on a data folder and waits until it serves.</summary>
    public static Task<SiloProcess> StartAsync(string folder, params string[] arguments) => StartAsync(SiloLaunch.OnFolder(folder, arguments));

    /// <summary>Starts a silo and waits until it serves.</summary>
    public static async Task<SiloProcess> StartAsync(SiloLaunch launch, string urls = SiloLaunch.AnyPort)
    {
        SiloProcess silo = Launch(launch, urls);
        try
        {
            await silo.WaitUntilServingAsync();
            return silo;
        }
        catch
        {
            await silo.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a silo without waiting.</summary>
    public static SiloProcess Launch(SiloLaunch launch, string urls)
    {
        string[] line = launch.CommandLine(urls);
        return new(ProgramStart.Start(line[0], line[1..], settings: launch.Environment()));
    }

    /// <summary>Waits until the silo has printed its address and is ready.</summary>
    public async Task WaitUntilServingAsync()
    {
        await Condition.HoldsAsync("the silo names its address", () => HasEnded() || TryReadAddress(), Describe);
        Api = new SegmentsApi(Address);
        await Condition.HoldsAsync("the silo is ready", async () => HasEnded() || await Api.IsReadyAsync(), Describe);
    }

    /// <summary>True when the process has ended, by itself or killed.</summary>
    public bool IsOver => _process.HasExited;

    /// <summary>Processor time of all threads since the start.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Resident memory of the process now.</summary>
    public long ResidentBytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>SIGSTOP: suspends the process as if its machine had paused.</summary>
    public void Stall() => PosixSignal.Send(_process, PosixSignal.Stop);

    /// <summary>SIGCONT, after <see cref="Stall"/>.</summary>
    public void GoOn() => PosixSignal.Send(_process, PosixSignal.Continue);

    /// <summary>SIGKILL: the process ends immediately.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Sends a signal that asks the process to end; returns its exit code.</summary>
    public async Task<int> StopAsync(int signal = PosixSignal.Terminate)
    {
        PosixSignal.Send(_process, signal);
        using var deadline = new CancellationTokenSource(StopsWithin);
        try
        {
            await _process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"The silo did not stop within {StopsWithin} of signal {signal}. {Describe()}");
        }

        await Task.WhenAll(_output.Ended, _errors.Ended);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        Running.TryRemove(_process.Id, out _);
        Api?.Dispose();
        _process.Dispose();
    }

    /// <summary>The process's output, for the message of a failed check.</summary>
    public string Describe() => $"Output:\n{Output}\nErrors:\n{Errors}";

    private bool HasEnded() => _process.HasExited ? throw new InvalidOperationException($"The silo ended with {_process.ExitCode}. {Describe()}") : false;

    private bool TryReadAddress()
    {
        Match match = AddressPattern().Match(Errors);
        if (match.Success)
        {
            Address = new Uri(match.Groups[1].Value);
        }

        return match.Success;
    }

    [GeneratedRegex(@"Serving .* at (http://[1-9][\d.]*:[1-9]\d*)")]
    private static partial Regex AddressPattern();
}
