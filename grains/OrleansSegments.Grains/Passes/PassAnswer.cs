using Orleans;

namespace OrleansSegments.Grains.Passes;

/// <summary>How a step stands.</summary>
/// <param name="IsKnown">False when the step was never ordered here: what knew of it died, and it must be ordered again.</param>
/// <param name="IsFinished">Every part was done once.</param>
/// <param name="Results">Together they are about every part exactly once; empty until finished.</param>
/// <param name="Problem">Why the step was given up; null while it was not.</param>
[GenerateSerializer, Immutable, Alias("pass-answer")]
public sealed record PassAnswer(
    [property: Id(0)] bool IsKnown,
    [property: Id(1)] bool IsFinished,
    [property: Id(2)] PassResult[] Results,
    [property: Id(3)] string? Problem);
