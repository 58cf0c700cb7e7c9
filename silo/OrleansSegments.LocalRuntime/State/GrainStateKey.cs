namespace OrleansSegments.LocalRuntime.State;

/// <summary>Names one stored document: the grain's type and key, and which of its states.</summary>
public readonly record struct GrainStateKey(string GrainType, string GrainKey, string StateName)
{
    public override string ToString() => $"{GrainType}/{GrainKey}/{StateName}";
}
