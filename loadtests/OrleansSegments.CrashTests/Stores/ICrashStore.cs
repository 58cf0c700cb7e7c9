namespace OrleansSegments.CrashTests.Stores;

/// <summary>Where the silo that is killed keeps its data: made before the run, gone after it.</summary>
public interface ICrashStore : IAsyncDisposable
{
    /// <summary>As <c>up --store</c> names it.</summary>
    string Name { get; }

    /// <summary>What <c>up</c> is told of it.</summary>
    IReadOnlyList<string> Arguments { get; }

    /// <summary>Whether the store has a server of its own that can be killed.</summary>
    bool HasServer { get; }

    /// <summary>SIGKILL to the server.</summary>
    Task KillServerAsync();

    /// <summary>Starts the server again on what the kill left behind.</summary>
    Task StartServerAsync();
}
