using OrleansSegments.LocalRuntime.Activations;

namespace OrleansSegments.LocalRuntime.Calls;

/// <summary>A call, a timer tick or a step of the activation's life that waits for its turn.</summary>
internal interface ITurn
{
    /// <summary>May start while any other call awaits, and does not keep others from starting.</summary>
    bool Interleaves { get; }

    /// <summary>May start while only other read-only calls await.</summary>
    bool IsReadOnly { get; }

    /// <summary>Whether it makes the activation younger in the eyes of idle collection.</summary>
    bool CountsAsUse { get; }

    /// <summary>Runs on the activation; null when all is done, else the task to wait for before <see cref="Ended"/>.</summary>
    Task? Run(Activation activation);

    /// <summary>Runs as a turn, after the task that <see cref="Run"/> returned has completed.</summary>
    void Ended(Activation activation, Task outcome);

    /// <summary>The activation closed before this started; a call finds the next one.</summary>
    void MoveOn();

    void Fail(Exception error);
}
