using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Serialization;
using Orleans.Storage;
using OrleansSegments.Contracts.Events;
using OrleansSegments.LoadGenerator;
using OrleansSegments.Silo.Hosting;
using OrleansSegments.TestKit.Postgres;

namespace OrleansSegments.Benchmarks.Contestants;

/// <summary>
/// The straightforward Orleans implementation: one grain per customer, with one call and one state write through AdoNet storage per event.
/// Computes features only: no segments, totals, transitions or deadlines. The state is binary, which is smaller than the provider's own
/// JSON.
/// </summary>
internal sealed class GrainContestant : IContestant
{
    /// <summary>Name of the grain storage.</summary>
    public const string Storage = "plain";

    /// <summary>Enough callers that those waiting for the most active customers do not starve the others.</summary>
    private const int Callers = 256;

    // The tables and statements required by AdoNet storage, which reads its statements from orleansquery. GrainTypeString is the grain's
    // class and the state's name. Each state has one row, even with concurrent writers: a refused writer gets no version, or the one it
    // had.
    private const string StorageSql =
        """
        CREATE TABLE orleansquery(querykey text PRIMARY KEY, querytext text NOT NULL);
        CREATE TABLE grain_states(type text, id bigint, version int NOT NULL, content bytea NOT NULL, PRIMARY KEY(type, id));
        INSERT INTO orleansquery VALUES
        ('ReadFromStorageKey', $$
            SELECT content AS PayloadBinary, version AS Version FROM grain_states WHERE type = @GrainTypeString AND id = @GrainIdN1
        $$),
        ('WriteToStorageKey', $$
            WITH made AS (
                INSERT INTO grain_states SELECT @GrainTypeString, @GrainIdN1, 1, @PayloadBinary WHERE @GrainStateVersion::int IS NULL
                ON CONFLICT DO NOTHING
                RETURNING version),
            changed AS (
                UPDATE grain_states SET version = version + 1, content = @PayloadBinary
                WHERE type = @GrainTypeString AND id = @GrainIdN1 AND version = @GrainStateVersion::int
                RETURNING version)
            SELECT (SELECT version FROM made UNION ALL SELECT version FROM changed) AS NewGrainStateVersion
        $$),
        ('ClearStorageKey', $$
            DELETE FROM grain_states WHERE type = @GrainTypeString AND id = @GrainIdN1 AND version = @GrainStateVersion::int
            RETURNING version + 1 AS NewGrainStateVersion
        $$),
        ('DeleteStorageKey', $$
            DELETE FROM grain_states WHERE type = @GrainTypeString AND id = @GrainIdN1 AND version = @GrainStateVersion::int
            RETURNING version + 1 AS NewGrainStateVersion
        $$);
        """;

    private readonly IHost _host;
    private readonly IGrainFactory _grains;

    private GrainContestant(IHost host)
    {
        _host = host;
        _grains = host.Services.GetRequiredService<IGrainFactory>();
    }

    public string Name => "grain call and AdoNet state write per event on PostgreSQL";

    public static async Task<IContestant> StartAsync(PostgresServer server)
    {
        await server.QueryAsync(StorageSql);
        HostApplicationBuilder builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(siloPort: 1, gatewayPort: 0);
            silo.Services.CloseSiloPorts();
            silo.AddAdoNetGrainStorage(Storage, storage => storage.Configure<IServiceProvider>((o, services) =>
            {
                (o.Invariant, o.ConnectionString) = (AdoNet.Invariant, server.ConnectionString());
                o.GrainStorageSerializer = new OrleansGrainStorageSerializer(services.GetRequiredService<Serializer>());
            }));
        });
        IHost host = builder.Build();
        await host.StartAsync();
        return new GrainContestant(host);
    }

    public async Task PrepareAsync(IngestEvents events, CancellationToken cancellationToken)
    {
        int next = 0;
        await CallAsync(() => next < events.Customers ? (next, events.Of(next++, 1)) : null, new LatencyHistogram(), cancellationToken);
    }

    public async Task<IngestResult> MeasureAsync(IngestEvents events, TimeSpan duration, CancellationToken cancellationToken)
    {
        var latency = new LatencyHistogram();
        using var process = Process.GetCurrentProcess();
        TimeSpan processorBefore = process.TotalProcessorTime;
        Collections collectionsBefore = Collections.Now();
        long startedAt = Stopwatch.GetTimestamp();
        long number = 2;
        long durable = await CallAsync(
            () =>
            {
                if (Stopwatch.GetElapsedTime(startedAt) >= duration)
                {
                    return null;
                }

                int customer = events.Draw();
                return (customer, events.Of(customer, number++));
            },
            latency,
            cancellationToken);
        TimeSpan elapsed = Stopwatch.GetElapsedTime(startedAt);
        process.Refresh();
        return new IngestResult(durable, elapsed, process.TotalProcessorTime - processorBefore, latency, Collections.Now().Since(collectionsBefore));
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    /// <param name="next">Returns the next event, null at the end; called by one caller at a time.</param>
    private async Task<long> CallAsync(Func<(int Customer, CustomerEvent Event)?> next, LatencyHistogram latency, CancellationToken cancellationToken)
    {
        var gate = new Lock();
        long[] called = await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => Task.Run(CallerAsync, cancellationToken)));
        return called.Sum();

        async Task<long> CallerAsync()
        {
            for (long calls = 0; ; calls++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                (int Customer, CustomerEvent Event)? one;
                lock (gate)
                {
                    one = next();
                }

                if (one is null)
                {
                    return calls;
                }

                long before = Stopwatch.GetTimestamp();
                await _grains.GetGrain<IPlainGrain>(one.Value.Customer).Apply(one.Value.Event);
                latency.Record(Stopwatch.GetElapsedTime(before));
            }
        }
    }
}
