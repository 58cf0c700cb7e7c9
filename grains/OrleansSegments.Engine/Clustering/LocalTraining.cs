namespace OrleansSegments.Engine.Clustering;

/// <summary>Drives a training over parts that are all in this process, one after another.</summary>
public static class LocalTraining
{
    public static TrainingOutcome Drive(TrainingRun run, IReadOnlyList<LloydPart> parts)
    {
        while (!run.Advance(RoundSums.MergeAll(parts.Select(p => p.Accumulate(run.Centroids)))))
        {
        }

        return run.Outcome!;
    }

    /// <summary>Drives one Lloyd run.</summary>
    public static LloydRun Drive(LloydRun run, IReadOnlyList<LloydPart> parts)
    {
        while (!run.Advance(RoundSums.MergeAll(parts.Select(p => p.Accumulate(run.Centroids)))))
        {
        }

        return run;
    }
}
