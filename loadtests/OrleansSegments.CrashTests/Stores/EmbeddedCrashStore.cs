using OrleansSegments.CrashTests.Files;

namespace OrleansSegments.CrashTests.Stores;

/// <summary>The embedded store in a temporary folder.</summary>
public sealed class EmbeddedCrashStore : ICrashStore
{
    private readonly TemporaryFolder _folder = new();

    public string Name => "embedded";

    public IReadOnlyList<string> Arguments => ["--data", _folder.Path];

    public bool HasServer => false;

    public Task KillServerAsync() => throw new NotSupportedException("The embedded store has no server.");

    public Task StartServerAsync() => throw new NotSupportedException("The embedded store has no server.");

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }
}
