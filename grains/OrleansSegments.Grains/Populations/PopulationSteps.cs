using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using OrleansSegments.Engine.Features;
using OrleansSegments.Grains.Silos;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Grains.Populations;

/// <summary>
/// Runs work on the whole population on all silos: splits it into id ranges, gives each to a silo's <see cref="IPopulationWorker"/>, and
/// reassigns it when that silo is gone. Each range has exactly one answer, so every customer is counted once even when silos die or stall.
/// </summary>
public sealed partial class PopulationSteps(
    IGrainFactory grains,
    ICustomerStore store,
    FeatureCatalogue catalogue,
    ISiloMembership silos,
    IHostApplicationLifetime host,
    TimeProvider clock,
    ILogger<PopulationSteps> logger)
{
    /// <summary>
    /// Ranges per silo: a dead silo's ranges can be spread over the others, and a silo can process several ranges in parallel.
    /// </summary>
    public const int RangesPerSilo = 4;

    /// <summary>How often a range is tried before the step fails.</summary>
    public const int AttemptsMax = 10;

    private static readonly TimeSpan RetryWait = TimeSpan.FromSeconds(1);

    /// <summary>Splits the population into ranges for the silos that are alive.</summary>
    public async Task<PopulationSession> BeginAsync(CancellationToken cancellationToken)
    {
        int parts = Math.Max(1, silos.Current.Silos.Length) * RangesPerSilo;
        return new PopulationSession(IdRange.Between(await store.ReadCutsAsync(parts, cancellationToken), catalogue.Hash));
    }

    /// <summary>Makes a call for every range; the answers are in the order of the ranges.</summary>
    /// <exception cref="PopulationStepException">Thrown when a range failed <see cref="AttemptsMax"/> times.</exception>
    /// <exception cref="OperationCanceledException">Also thrown when this silo stops.</exception>
    public async Task<T[]> EachRangeAsync<T>(
        PopulationSession session, Func<IPopulationWorker, int, Task<T>> call, CancellationToken cancellationToken)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, host.ApplicationStopping);
        T?[] answers = await Task.WhenAll(Enumerable.Range(0, session.Ranges.Length).Select(
            part => CallAsync(() => session.OwnerOf(part, silos.Current), worker => call(worker, part), stopping.Token)));
        return answers!;
    }

    /// <summary>Makes a call to every silo; one that leaves meanwhile is skipped.</summary>
    /// <inheritdoc cref="EachRangeAsync"/>
    public async Task EachSiloAsync(Func<IPopulationWorker, Task> call, CancellationToken cancellationToken)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, host.ApplicationStopping);
        await Task.WhenAll(silos.Current.Silos.Select(silo => CallAsync(
            () => silos.Current.Includes(silo) ? silo : null,
            async worker =>
            {
                await call(worker);
                return true;
            },
            stopping.Token)));
    }

    /// <param name="choose">Returns the silo to call now; null when no call is needed any more.</param>
    private async Task<T?> CallAsync<T>(Func<string?> choose, Func<IPopulationWorker, Task<T>> call, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            string? silo = null;
            try
            {
                silo = choose();
                if (silo is null)
                {
                    return default;
                }

                return await call(grains.GetGrain<IPopulationWorker>(silo)).WaitAsync(cancellationToken);
            }
            catch (Exception problem) when (problem is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                if (attempt == AttemptsMax)
                {
                    throw new PopulationStepException($"Work on the population failed {attempt} times, the last time on {silo}: {problem.Message}", problem);
                }

                LogRetry(logger, silo, problem.Message);
                await Task.Delay(RetryWait, clock, cancellationToken);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Work on a range of customers failed on {Silo}; retrying: {Problem}")]
    private static partial void LogRetry(ILogger logger, string? silo, string problem);
}

/// <summary>
/// The ranges of one job and their assignment to silos. A range keeps its silo in every step while that silo lives, so the silo can keep
/// what it read.
/// </summary>
public sealed class PopulationSession(IdRange[] ranges)
{
    private readonly string?[] _owners = new string?[ranges.Length];

    public Guid Id { get; } = Guid.NewGuid();

    /// <summary>Every customer is in exactly one range.</summary>
    public IdRange[] Ranges => ranges;

    /// <summary>The silo of a range; a range whose silo is gone goes to the silo with the fewest ranges.</summary>
    /// <exception cref="OrleansException">Thrown when this silo sees no live silo, briefly while it joins or leaves.</exception>
    internal string OwnerOf(int part, SiloView view)
    {
        lock (_owners)
        {
            if (_owners[part] is not { } owner || !view.Includes(owner))
            {
                owner = view.Silos.MinBy(silo => _owners.Count(o => o == silo)) ?? throw new OrleansException("No silo is alive.");
                _owners[part] = owner;
            }

            return owner;
        }
    }
}

/// <summary>
/// Thrown when a step over the population failed repeatedly. An <see cref="IOException"/> like the store failures that mostly cause it, so
/// that the caller is told to try again later.
/// </summary>
public sealed class PopulationStepException(string message, Exception inner) : IOException(message, inner);
