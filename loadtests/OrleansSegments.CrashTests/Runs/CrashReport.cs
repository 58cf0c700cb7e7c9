using OrleansSegments.CrashTests.Checks;

namespace OrleansSegments.CrashTests.Runs;

/// <summary>All kills of a run.</summary>
public sealed record CrashReport(string Store, int Seed, IReadOnlyList<KillRecord> Kills)
{
    /// <summary>The findings of all kills.</summary>
    public Findings Findings
    {
        get
        {
            var all = new Findings();
            foreach (KillRecord kill in Kills)
            {
                all.AddAll(kill.Findings);
            }

            return all;
        }
    }

    public override string ToString() =>
        $"{Kills.Count} kills on {Store} with seed {Seed}:\n{string.Join('\n', Kills.Select(Line))}\n{Findings}";

    /// <summary>One kill as a line of text.</summary>
    public static string Line(KillRecord kill) =>
        $"{kill.Number,3}  {kill.Moment,-11}  {kill.EventsAcknowledged,8:N0} events acknowledged, {kill.BatchesInDoubt,3} batches in doubt, "
        + $"ready after {kill.Recovery.TotalSeconds,5:N2} s, {kill.Customers:N0} customers and {kill.Transitions:N0} transitions checked"
        + $"{(kill.WasCompared ? " and compared" : "")} in {kill.Checking.TotalSeconds:N1} s, wrong: {kill.Findings.Summary()}";
}

/// <summary>One kill and its findings.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Moment">What was going on at the kill.</param>
/// <param name="EventsAcknowledged">Distinct events acknowledged since the run began.</param>
/// <param name="BatchesInDoubt">Batches without an answer because of the kill.</param>
/// <param name="Recovery">From the start of the new process until it was ready.</param>
/// <param name="Customers">Number of customers checked individually.</param>
/// <param name="Transitions">Number of transitions replayed.</param>
/// <param name="WasCompared">True when every feature was compared with a clean run.</param>
/// <param name="Checking">Duration of the checks.</param>
/// <param name="Findings">The findings.</param>
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
