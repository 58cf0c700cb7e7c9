namespace OrleansSegments.Grains.Training;

/// <summary>Where a training is, in the words in which people read it.</summary>
/// <param name="Rounds">Lloyd rounds over all customers that have ended.</param>
public sealed record TrainingStage(string Name, int Rounds = 0)
{
    public static TrainingStage Reading { get; } = new("reading customers");

    /// <summary>Takes seconds on the sample; left out when the number is given.</summary>
    public static TrainingStage Choosing { get; } = new("choosing the number of segments");

    public static TrainingStage Checking { get; } = new("checking");

    public static TrainingStage Publishing { get; } = new("publishing");

    public static TrainingStage Refining(int rounds) => new("refining", rounds);
}

/// <summary>The training that runs now.</summary>
/// <param name="StartedAt">On the store's clock.</param>
internal sealed record RunningTraining(DateTimeOffset StartedAt, TrainingStage Stage);
