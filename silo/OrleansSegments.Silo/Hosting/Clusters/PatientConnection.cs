namespace OrleansSegments.Silo.Hosting;

/// <summary>A client that starts before the silos waits for them; an operator starts processes in any order.</summary>
internal sealed class PatientConnection(TimeProvider time, ILogger<PatientConnection> logger) : IClientConnectionRetryFilter
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    public async Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken)
    {
        if (exception is OperationCanceledException)
        {
            return false;
        }

        logger.LogWarning("No silo of the cluster is to be reached yet; asking again: {Problem}", exception.Message);
        await Task.Delay(Interval, time, cancellationToken);
        return true;
    }
}
