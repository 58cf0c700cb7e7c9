namespace OrleansSegments.ClientApi.Health;

/// <summary>Says whether one part of this process serves. The host registers one per part; all must be ready.</summary>
public interface IReadinessProbe
{
    ValueTask<Readiness> CheckAsync(CancellationToken cancellationToken);
}
