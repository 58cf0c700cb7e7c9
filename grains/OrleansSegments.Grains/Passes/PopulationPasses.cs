using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans;
using OrleansSegments.Grains.Silos;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Grains.Passes;

/// <summary>Has steps over the whole population done by all silos. Whatever dies meanwhile, a step ends with results about every customer, each once.</summary>
public sealed partial class PopulationPasses(
    IGrainFactory grains,
    ICustomerStore store,
    ISiloMembership silos,
    IHostApplicationLifetime host,
    TimeProvider clock,
    ILogger<PopulationPasses> logger)
{
    /// <summary>Parts for each silo: the share of one that dies can be spread over the others.</summary>
    public const int PartsPerSilo = 4;

    /// <summary>How long one question for the answer waits; below the runtime's response timeout.</summary>
    public static readonly TimeSpan AnswerWait = TimeSpan.FromSeconds(10);

    /// <summary>Calls in a row that may fail before the step does; a silo that died is known to all well before.</summary>
    public const int CallFailuresMax = 60;

    /// <summary>Cuts the population into parts for the silos that are alive; for one silo alone into one part, which it reads from memory.</summary>
    public async Task<IdRange[]> DivideAsync(CancellationToken cancellationToken)
    {
        int count = silos.Current.Silos.Length;
        return count < 2 ? [IdRange.Everything] : IdRange.Between(await store.ReadCutsAsync(count * PartsPerSilo, cancellationToken));
    }

    /// <summary>Has one step done.</summary>
    /// <param name="kind">The <see cref="IPassDuty.Kind"/> that does it.</param>
    /// <exception cref="PassException">It failed again and again.</exception>
    /// <exception cref="PassReplacedException">Somebody else has begun to order steps of this kind.</exception>
    /// <exception cref="OperationCanceledException">Also when this silo stops.</exception>
    public async Task<TResult[]> RunAsync<TResult>(string kind, PassOrder order, CancellationToken cancellationToken)
        where TResult : PassResult
    {
        IPassGrain grain = grains.GetGrain<IPassGrain>(kind);
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, host.ApplicationStopping);
        int failures = 0;
        while (true)
        {
            stopping.Token.ThrowIfCancellationRequested();
            try
            {
                // Ordered before every question: the grain may have died with all it knew, and the same order twice is one.
                if (!await grain.Order(order))
                {
                    throw new PassReplacedException($"Another run of the {kind} has begun in the place of this one.");
                }

                PassAnswer answer = await grain.Answer(order.Session, order.Step, AnswerWait).WaitAsync(stopping.Token);
                failures = 0;
                if (answer.Problem is { } problem)
                {
                    throw new PassException(problem);
                }

                if (answer.IsFinished)
                {
                    return [.. answer.Results.Cast<TResult>()];
                }
            }
            catch (Exception problem) when (problem is not (PassException or PassReplacedException or OperationCanceledException) && ++failures <= CallFailuresMax)
            {
                LogCallFailed(logger, problem, kind, order.Step);
                await Task.Delay(PassWorker.RetryWait, clock, stopping.Token);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Asking how step {Step} of the {Kind} stands failed; asking again")]
    private static partial void LogCallFailed(ILogger logger, Exception problem, string kind, int step);
}
