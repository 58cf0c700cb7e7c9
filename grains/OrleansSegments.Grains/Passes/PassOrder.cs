using Orleans;

namespace OrleansSegments.Grains.Passes;

/// <summary>One step over the whole population.</summary>
/// <param name="Session">Steps of one session keep their division: a silo that did a part does the same part of the next step.</param>
/// <param name="Step">Ascending within the session.</param>
/// <param name="Ranges">The parts: every customer is in exactly one. Empty for an order to every silo.</param>
/// <param name="Work">What to do.</param>
[GenerateSerializer, Immutable, Alias("pass-order")]
public sealed record PassOrder(
    [property: Id(0)] Guid Session, [property: Id(1)] int Step, [property: Id(2)] IdRange[] Ranges, [property: Id(3)] PassWork Work)
{
    /// <summary>Every silo that is alive must answer for itself; nobody can do it for another.</summary>
    public bool IsToEverySilo => Ranges.Length == 0;
}
