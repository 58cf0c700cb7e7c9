using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using OrleansSegments.Grains.Silos;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Grains.Populations;

/// <summary>
/// Has work on the whole population done by all silos: cuts it into ranges of ids, gives each range to a silo's <see cref="IPopulationWorker"/>,
/// and gives it to another when that one has gone. Each range ends with one answer, so every customer is in exactly one, whoever dies or stalls.
/// </summary>
public sealed partial class PopulationSteps(
    IGrainFactory grains,
    ICustomerStore store,
    ISiloMembership silos,
    IHostApplicationLifetime host,
    TimeProvider clock,
    ILogger<PopulationSteps> logger)
{
    /// <summary>Ranges for each silo: the share of one that dies can be spread over the others, and a silo works on as many as it has processors.</summary>
    public const int RangesPerSilo = 4;

    /// <summary>How often a range is tried before the step fails.</summary>
    public const int AttemptsMax = 10;

    private static readonly TimeSpan RetryWait = TimeSpan.FromSeconds(1);

    /// <summary>Cuts the population into ranges for the silos that are alive.</summary>
    public async Task<PopulationSession> BeginAsync(CancellationToken cancellationToken)
    {
        int parts = Math.Max(1, silos.Current.Silos.Length) * RangesPerSilo;
        return new PopulationSession(IdRange.Between(await store.ReadCutsAsync(parts, cancellationToken)));
    }

    /// <summary>Makes a call for every range; the answers are in the order of the ranges.</summary>
    /// <exception cref="PopulationStepException">A range failed again and again.</exception>
    /// <exception cref="OperationCanceledException">Also when this silo stops.</exception>
    public async Task<T[]> EachRangeAsync<T>(
        PopulationSession session, Func<IPopulationWorker, int, Task<T>> call, CancellationToken cancellationToken)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, host.ApplicationStopping);
        T?[] answers = await Task.WhenAll(Enumerable.Range(0, session.Ranges.Length).Select(
            part => CallAsync(() => session.OwnerOf(part, silos.Current), worker => call(worker, part), stopping.Token)));
        return answers!;
    }

    /// <summary>Makes a call to every silo; one that leaves meanwhile is left out.</summary>
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

    /// <param name="choose">The silo to ask now; null when there is nobody left to ask.</param>
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

    [LoggerMessage(Level = LogLevel.Warning, Message = "Work on a range of customers failed on {Silo} and is tried again: {Problem}")]
    private static partial void LogRetry(ILogger logger, string? silo, string problem);
}

/// <summary>The ranges of one piece of work, and which silo each is given to: the same one in every step while it lives, so that it can keep what it read.</summary>
public sealed class PopulationSession(IdRange[] ranges)
{
    private readonly string?[] _owners = new string?[ranges.Length];

    public Guid Id { get; } = Guid.NewGuid();

    /// <summary>Every customer is in exactly one.</summary>
    public IdRange[] Ranges => ranges;

    /// <summary>The silo that a range is given to; a range whose silo has gone goes to the one that has fewest.</summary>
    /// <exception cref="OrleansException">This silo sees none that is alive, for a moment while it joins or leaves.</exception>
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
/// A step over the population failed again and again. An <see cref="IOException"/>, like the store's failures that mostly lie behind it, so
/// that the caller is told to try again later.
/// </summary>
public sealed class PopulationStepException(string message, Exception inner) : IOException(message, inner);
