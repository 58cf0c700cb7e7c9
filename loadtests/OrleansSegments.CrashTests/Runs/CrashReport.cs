using OrleansSegments.CrashTests.Checks;

namespace OrleansSegments.CrashTests.Runs;

/// <summary>All kills of a run.</summary>
public sealed record CrashReport(string Store, int Seed, IReadOnlyList<KillRecord> Kills)
{
    /// <summary>What is wrong, over all kills.</summary>
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

    /// <summary>One kill on one line.</summary>
    public static string Line(KillRecord kill) =>
        $"{kill.Number,3}  {kill.Moment,-11}  {kill.EventsAcknowledged,8:N0} events acknowledged, {kill.BatchesInDoubt,3} batches in doubt, "
        + $"ready after {kill.Recovery.TotalSeconds,5:N2} s, {kill.Customers:N0} customers and {kill.Transitions:N0} transitions checked"
        + $"{(kill.WasCompared ? " and compared" : "")} in {kill.Checking.TotalSeconds:N1} s, wrong: {kill.Findings.Summary()}";
}
