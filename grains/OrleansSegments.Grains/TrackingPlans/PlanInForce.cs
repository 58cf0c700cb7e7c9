using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans;
using OrleansSegments.Contracts.Events;
using OrleansSegments.Engine.Features;
using OrleansSegments.Grains.Catalogues;
using OrleansSegments.Grains.Models;

namespace OrleansSegments.Grains.TrackingPlans;

/// <summary>The silo's copy of the tracking plan, polled every second. Checking an event without a plan is one volatile load.</summary>
public sealed partial class PlanInForce(IGrainFactory grains, FeatureCatalogue catalogue, EventReporter reporter, ILogger<PlanInForce> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private int _version = -1;
    private volatile CompiledPlan? _plan;

    /// <summary>Why a plan cannot be used; null when it can.</summary>
    public string? ProblemOf(string json)
    {
        try
        {
            Compile(json);
            return null;
        }
        catch (FormatException exception)
        {
            return exception.Message;
        }
    }

    public void Take(TrackingPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        lock (_lock)
        {
            if (plan.Version > _version)
            {
                (_plan, _version) = (Compile(plan.Json), plan.Version);
            }
        }
    }

    /// <summary>Counts an event that violates the plan; its rejection when the plan refuses violations, otherwise null.</summary>
    internal EventRejection? Check(CustomerEvent source, int index)
    {
        if (_plan is not { } plan || plan.ViolationOf(source) is not { } violation)
        {
            return null;
        }

        string name = source.Kind == EventKind.Track ? catalogue.EventNames.Of(source.Name ?? "") : source.Kind.ToString().ToLowerInvariant();
        reporter.Ignore(IgnoredReason.PlanViolation, name, 1, violation);
        return plan.RefusesViolations
            ? new EventRejection(index, "plan_violation", $"\"{name}\" violates the tracking plan at {violation}. Send what GET /v1/tracking-plan asks for, or change the plan.")
            : null;
    }

    /// <summary>Waits for the plan before serving, so that a restart lets nothing through.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await LongPoll.ReadAtStartAsync(PollAsync, problem => LogPollFailed(logger, problem), cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await PollAsync();
            }
            catch (Exception problem) when (problem is not OperationCanceledException)
            {
                LogPollFailed(logger, problem);
            }
        }
    }

    private CompiledPlan? Compile(string json) => json.Length == 0 ? null : new CompiledPlan(json, catalogue.EventNames);

    private async Task PollAsync() => Take(await grains.GetGrain<ITrackingPlanGrain>(0).Get());

    [LoggerMessage(Level = LogLevel.Warning, Message = "Polling for the tracking plan failed; the present one stays in force")]
    private static partial void LogPollFailed(ILogger logger, Exception problem);
}
