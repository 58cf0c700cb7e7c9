using System.Diagnostics;
using Npgsql;
using Orleans;
using Orleans.Runtime;
using OrleansSegments.Contracts.Events;
using OrleansSegments.Engine.Events;
using OrleansSegments.Engine.Features;
using OrleansSegments.LoadGenerator;
using OrleansSegments.Storage.Customers;
using OrleansSegments.TestKit.Postgres;

namespace OrleansSegments.Benchmarks.Contestants;

/// <summary>
/// The straightforward PostgreSQL implementation: features in memory, and per event the single-row, version-checked statement that an
/// object mapper or a grain storage would issue, in its own transaction. No segments, totals, transitions or deadlines.
/// </summary>
internal sealed class PlainContestant(PostgresServer server) : IContestant
{
    private const int Connections = 16;

    private readonly FeatureCatalogue _catalogue = FeatureCatalogue.Default;
    private readonly NpgsqlDataSource _source = NpgsqlDataSource.Create(server.ConnectionString() + $";Maximum Pool Size={Connections}");
    private byte[][] _states = [];
    private int[] _versions = [];

    public string Name => "plain statement per event on PostgreSQL";

    public async Task PrepareAsync(IngestEvents events, CancellationToken cancellationToken)
    {
        var features = new PlainFeatures(_catalogue);
        _states = new byte[events.Customers][];
        _versions = new int[events.Customers];
        await using NpgsqlConnection connection = await _source.OpenConnectionAsync(cancellationToken);
        await using (var create = new NpgsqlCommand(
            "CREATE TABLE grain_state(id text PRIMARY KEY, version int NOT NULL, payload bytea NOT NULL)", connection))
        {
            await create.ExecuteNonQueryAsync(cancellationToken);
        }

        await using NpgsqlBinaryImporter import = await connection.BeginBinaryImportAsync("COPY grain_state FROM STDIN (FORMAT BINARY)", cancellationToken);
        for (int customer = 0; customer < events.Customers; customer++)
        {
            _states[customer] = features.Apply([], events.Of(customer, 1));
            await import.WriteRowAsync(cancellationToken, events.IdOf(customer), 0, _states[customer]);
        }

        await import.CompleteAsync(cancellationToken);
    }

    public async Task<IngestResult> MeasureAsync(IngestEvents events, TimeSpan duration, CancellationToken cancellationToken)
    {
        var latency = new LatencyHistogram();
        using var process = Process.GetCurrentProcess();
        TimeSpan processorBefore = process.TotalProcessorTime;
        Collections collectionsBefore = Collections.Now();
        var gate = new Lock();
        long startedAt = Stopwatch.GetTimestamp();
        long[] durable = await Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => Task.Run(() => WriteAsync(events, gate, startedAt, duration, latency, cancellationToken))));
        TimeSpan elapsed = Stopwatch.GetElapsedTime(startedAt);
        process.Refresh();
        return new IngestResult(
            durable.Sum(), elapsed, process.TotalProcessorTime - processorBefore, latency, Collections.Now().Since(collectionsBefore));
    }

    public async ValueTask DisposeAsync() => await _source.DisposeAsync();

    private async Task<long> WriteAsync(IngestEvents events, Lock gate, long startedAt, TimeSpan duration, LatencyHistogram latency, CancellationToken cancellationToken)
    {
        var features = new PlainFeatures(_catalogue);
        await using NpgsqlConnection connection = await _source.OpenConnectionAsync(cancellationToken);
        await using var update = new NpgsqlCommand(
            "UPDATE grain_state SET payload = $1, version = version + 1 WHERE id = $2 AND version = $3", connection)
        {
            Parameters = { new() { Value = Array.Empty<byte>() }, new() { Value = "" }, new() { Value = 0 } },
        };
        await update.PrepareAsync(cancellationToken);
        long written = 0;
        while (Stopwatch.GetElapsedTime(startedAt) < duration)
        {
            int customer;
            CustomerEvent next;
            lock (gate)
            {
                customer = events.Draw();
                next = events.Of(customer, 2 + written);
            }

            long before = Stopwatch.GetTimestamp();
            byte[] state = features.Apply(_states[customer], next);
            int version = Volatile.Read(ref _versions[customer]);
            (update.Parameters[0].Value, update.Parameters[1].Value, update.Parameters[2].Value) = (state, next.CustomerId, version);
            if (await update.ExecuteNonQueryAsync(cancellationToken) == 1)
            {
                // A concurrent writer of this customer is refused, like a stale version in a grain storage.
                _states[customer] = state;
                Volatile.Write(ref _versions[customer], version + 1);
                latency.Record(Stopwatch.GetElapsedTime(before));
                written++;
            }
        }

        return written;
    }
}

/// <summary>
/// Computes only a customer's features after an event, for the straightforward implementations. Use from one thread at a time.
/// </summary>
internal sealed class PlainFeatures(FeatureCatalogue catalogue)
{
    private readonly FeatureEngine _engine = new(catalogue);
    private readonly EventReader _reader = new(catalogue);
    private readonly FactsWriter _writer = new();

    /// <param name="state">The engine's state; empty before the first event.</param>
    public byte[] Apply(byte[] state, CustomerEvent source)
    {
        _writer.Clear();
        _reader.Read(
            new EventInput
            {
                Type = source.Kind == EventKind.Identify ? EventType.Identify : source.Kind == EventKind.Page ? EventType.Page : EventType.Track,
                Name = source.Name,
                MessageId = source.MessageId,
                OccurredAtMilliseconds = source.OccurredAtMilliseconds,
                Properties = source.Body.Span,
                Context = source.Context.Span,
            },
            _writer);
        return _engine.Apply(state, _writer.ToArray(), MessageWindow.Of(source.OccurredAtMilliseconds, MessageMark.LifetimeMinutesMax), []).State;
    }
}

/// <summary>Keeps its features in Orleans' persistent state, as a tutorial would.</summary>
public sealed class PlainGrain([PersistentState("features", GrainContestant.Storage)] IPersistentState<PlainState> state) : Grain, IPlainGrain
{
    private static readonly ThreadLocal<PlainFeatures> Features = new(static () => new PlainFeatures(FeatureCatalogue.Default));

    public Task Apply(CustomerEvent one)
    {
        state.State.Features = Features.Value!.Apply(state.State.Features, one);
        return state.WriteStateAsync();
    }
}

/// <summary>A customer as an ordinary grain: one call per event, and the state is written before the call ends.</summary>
public interface IPlainGrain : IGrainWithIntegerKey
{
    Task Apply(CustomerEvent one);
}

/// <summary>What <see cref="IPlainGrain"/> stores.</summary>
[GenerateSerializer, Alias("benchmark-plain-state")]
public sealed class PlainState
{
    [Id(0)]
    public byte[] Features { get; set; } = [];
}
