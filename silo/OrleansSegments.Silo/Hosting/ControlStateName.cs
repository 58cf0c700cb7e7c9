using System.Globalization;
using Orleans.Runtime;

namespace OrleansSegments.Silo.Hosting;

/// <summary>Under which name a control grain's state is stored: the name that its constructor gives the state, and the grain's number.</summary>
internal static class ControlStateName
{
    public static string Of(string stateName, GrainId grainId) => string.Create(CultureInfo.InvariantCulture, $"{stateName}/{grainId.GetIntegerKey()}");

    /// <summary>The name in stores that were written when it held the class; null for a state that did not exist then.</summary>
    public static string? FormerClassOf(string stateName) => stateName switch
    {
        "model" => "OrleansSegments.Grains.Models.ModelGrain",
        "segment" => "OrleansSegments.Grains.Segments.SegmentGrain",
        _ => null,
    };
}
