using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using OrleansSegments.Storage.Control;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.BrokenSilo.Mutants;

/// <summary>One deliberate defect of a silo, to show that the checker detects it.</summary>
/// <param name="About">The defect.</param>
/// <param name="Replace">Replaces the correct service by the broken one.</param>
internal sealed record Mutant(string About, Action<IServiceCollection> Replace)
{
    public static IReadOnlyDictionary<string, Mutant> All { get; } = new Dictionary<string, Mutant>(StringComparer.Ordinal)
    {
        ["none"] = new("nothing is broken", static _ => { }),
        ["early-answer"] = new(
            "changes are acknowledged before they are committed",
            static services => ReplaceStore(services, static (store, _) => new EarlyAnswerStore(store))),
        ["loose-totals"] = new(
            "the totals are kept beside the transaction and written now and then",
            static services => ReplaceStore(services, static (store, control) => new LooseTotalsStore(store, control))),
        ["missed-deadlines"] = new(
            "nobody moves by the passing of time alone",
            static services => ReplaceStore(services, static (store, _) => new MissedDeadlineStore(store))),
        ["no-deduplication"] = new(
            "every arrival of an event counts as a new one",
            static services => services.AddSingleton<IStartupFilter, FreshMessageIds>()),
        ["slow"] = new(
            $"the start and the stop end when somebody puts the files '{SlowService.Started}' and '{SlowService.Stopped}' into the folder {SlowService.Folder}",
            static services => services.AddHostedService<SlowService>()),
    };

    private static void ReplaceStore(IServiceCollection services, Func<ICustomerStore, IControlStateStore, ICustomerStore> broken)
    {
        ServiceDescriptor right = services.Last(service => service.ServiceType == typeof(ICustomerStore));
        services.AddSingleton(provider => broken(
            (ICustomerStore)(right.ImplementationInstance ?? right.ImplementationFactory!(provider)), provider.GetRequiredService<IControlStateStore>()));
    }
}

/// <summary>
/// Reports that no customer is ever due, like a store whose deadline index is lost. Customers that are queried still know their deadlines.
/// </summary>
internal sealed class MissedDeadlineStore(ICustomerStore store) : PassingStore(store)
{
    public override long? EarliestDeadlineMilliseconds => null;

    public override ValueTask<IReadOnlyList<DueCustomer>> ReadDueAsync(long untilMilliseconds, int limit, CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyList<DueCustomer>>([]);
}

/// <summary>
/// Answers "committed" at once and commits a little later, like a write-behind cache. Changes in between are lost by a kill. New customers
/// are committed first: a training that missed acknowledged customers would be a second kind of finding.
/// </summary>
internal sealed class EarlyAnswerStore : PassingStore
{
    private static readonly TimeSpan Later = TimeSpan.FromMilliseconds(200);

    private readonly Channel<(CustomerChange Change, long HandedInAt)> _waiting = Channel.CreateUnbounded<(CustomerChange, long)>();
    private readonly TimeProvider _time = TimeProvider.System;
    private readonly ConcurrentDictionary<(string CustomerId, ulong Key), bool> _marked = new();
    private readonly Task _committing;

    public EarlyAnswerStore(ICustomerStore store)
        : base(store) => _committing = CommitAllAsync();

    public override void Commit(CustomerChange change, ICommitListener listener)
    {
        if (change.PreviousSegmentId is null)
        {
            Inner.Commit(change, listener);
            return;
        }

        foreach (MessageMark mark in change.Messages)
        {
            _marked[(change.CustomerId, mark.Key)] = true;
        }

        _waiting.Writer.TryWrite((change, _time.GetTimestamp()));
        listener.Ended(CommitOutcome.Committed);
    }

    /// <summary>
    /// Also finds the messages of waiting changes: a repeat counted because its mark is written late would be a second kind of finding.
    /// </summary>
    public override async ValueTask<IReadOnlyList<ulong>> FindMessagesAsync(
        string customerId, ulong[] keys, uint nowMinutes, CancellationToken cancellationToken)
    {
        IReadOnlyList<ulong> committed = await base.FindMessagesAsync(customerId, keys, nowMinutes, cancellationToken);
        return [.. committed.Union(keys.Where(key => _marked.ContainsKey((customerId, key))))];
    }

    public override async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _committing;
        await base.DisposeAsync();
    }

    private async Task CommitAllAsync()
    {
        await foreach ((CustomerChange change, long handedInAt) in _waiting.Reader.ReadAllAsync())
        {
            TimeSpan early = Later - _time.GetElapsedTime(handedInAt);
            if (early > TimeSpan.Zero)
            {
                await Task.Delay(early);
            }

            // In the order of submission; nobody waits for the outcome any more.
            _ = Inner.CommitAsync(change).AsTask();
        }
    }
}

/// <summary>Gives every arriving event of a batch a new message id, so that no repeat is recognised.</summary>
internal sealed class FreshMessageIds : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(RenameAsync);
        next(app);
    };

    private static async Task RenameAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Request.Path == "/v1/batch")
        {
            JsonNode body = (await JsonNode.ParseAsync(context.Request.Body))!;
            foreach (JsonNode? arrived in body["batch"]!.AsArray())
            {
                arrived!["messageId"] = Guid.NewGuid().ToString();
            }

            byte[] renamed = JsonSerializer.SerializeToUtf8Bytes(body);
            context.Request.Body = new MemoryStream(renamed);
            context.Request.ContentLength = renamed.Length;
        }

        await next(context);
    }
}
