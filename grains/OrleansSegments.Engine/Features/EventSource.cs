namespace OrleansSegments.Engine.Features;

/// <summary>Where numbers come from: the events, the conditions that must all hold, and the value (first expression that has one).</summary>
public sealed record EventSource(
    IReadOnlyList<EventPattern> Events,
    IReadOnlyList<EventCondition> Where,
    IReadOnlyList<ValueExpression> Value,
    ValueMapping Mapping,
    bool AllowsNegative)
{
    /// <summary>True if every event counts, whatever it is.</summary>
    public bool IsEverything => Where.Count == 0 && Events.Any(x => x.IsEverything);

    public override string ToString() =>
        string.Join(',', Events.Select(x => x.ToString()).Order(StringComparer.Ordinal)) + " [" + string.Join(" & ", Where) + "] "
        + string.Join(" / ", Value) + " {" + Mapping + "}" + (AllowsNegative ? "-" : "");
}
