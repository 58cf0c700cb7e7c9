using System.Globalization;
using Orleans.Runtime;

namespace OrleansSegments.Silo.Hosting;

/// <summary>
/// Under which name a control grain's state is stored: the name that its constructor gives the state, and the grain's number. The AdoNet
/// statements put the same name together from the two parts of <see cref="TypeOf"/> and the number.
/// </summary>
internal static class ControlStateName
{
    public static string Of(string stateName, GrainId grainId) => string.Create(CultureInfo.InvariantCulture, $"{stateName}/{grainId.GetIntegerKey()}/state");

    /// <summary>What the AdoNet storage is told as the grain's type.</summary>
    public static string TypeOf(string stateName) => $"{stateName}/state";

    /// <summary>The name in stores that were written when it held the class; null for a state that did not exist then.</summary>
    public static string? FormerClassOf(string stateName) => stateName switch
    {
        "model" => "OrleansSegments.Grains.Models.ModelGrain",
        "segment" => "OrleansSegments.Grains.Segments.SegmentGrain",
        _ => null,
    };
}
