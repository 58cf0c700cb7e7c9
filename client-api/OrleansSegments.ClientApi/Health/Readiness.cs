namespace OrleansSegments.ClientApi.Health;

/// <summary>What a probe found.</summary>
/// <param name="Reasons">Why not ready, in words an operator acts on; empty when ready.</param>
public sealed record Readiness(bool Ready, params string[] Reasons);
