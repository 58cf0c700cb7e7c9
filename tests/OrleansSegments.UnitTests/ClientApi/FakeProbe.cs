using OrleansSegments.ClientApi.Health;

namespace OrleansSegments.UnitTests.ClientApi;

internal sealed class FakeProbe : IReadinessProbe
{
    public Readiness Answer { get; set; } = new(true);

    public ValueTask<Readiness> CheckAsync(CancellationToken cancellationToken) => ValueTask.FromResult(Answer);
}
