using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace OrleansSegments.UnitTests.ClientApi;

internal sealed class FakeProbe : IHealthCheck
{
    /// <summary>The result; null to hang until cancelled.</summary>
    public HealthCheckResult? Answer { get; set; } = HealthCheckResult.Healthy();

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (Answer is null)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        }

        return Answer!.Value;
    }
}
