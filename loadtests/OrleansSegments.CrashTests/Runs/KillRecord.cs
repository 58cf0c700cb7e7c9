using OrleansSegments.CrashTests.Checks;

namespace OrleansSegments.CrashTests.Runs;

/// <summary>One kill and what was found after it.</summary>
/// <param name="Number">From 1 on.</param>
/// <param name="Moment">What went on.</param>
/// <param name="EventsAcknowledged">Distinct events that were acknowledged since the run began.</param>
/// <param name="BatchesInDoubt">Batches that the kill left without an answer.</param>
/// <param name="Recovery">From the start of the killed process until it was ready.</param>
/// <param name="Customers">Customers that were checked one by one.</param>
/// <param name="Transitions">Transitions that were replayed.</param>
/// <param name="WasCompared">Whether every feature was compared with a clean run.</param>
/// <param name="Checking">How long the checks took.</param>
/// <param name="Findings">What is wrong.</param>
public sealed record KillRecord(
    int Number,
    KillMoment Moment,
    long EventsAcknowledged,
    int BatchesInDoubt,
    TimeSpan Recovery,
    int Customers,
    int Transitions,
    bool WasCompared,
    TimeSpan Checking,
    Findings Findings);
