using System.Collections.Frozen;
using OrleansSegments.Engine.Clustering;
using OrleansSegments.Engine.Events;
using OrleansSegments.Engine.Features;
using OrleansSegments.Engine.Models;
using OrleansSegments.Engine.Scaling;
using OrleansSegments.Grains.Customers;
using OrleansSegments.Grains.Models;
using OrleansSegments.Simulator;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Benchmarks.Engine;

/// <summary>
/// Simulates shoppers for some weeks, trains a model on them, and keeps some of the following events together with their customers. Seeded:
/// every run measures the same.
/// </summary>
internal sealed class EngineSamples
{
    public const int Customers = 4_000;
    public const int HistoryDays = 60;
    public const int SegmentCount = 8;
    public const int Count = 4_096;

    private readonly CustomerRecord?[] _customers = new CustomerRecord?[Customers];
    private readonly FactsWriter _writer = new();

    public EngineSamples()
    {
        using IEnumerator<SimulatedEvent> events = new Simulation(new SimulationOptions { Customers = Customers, Days = HistoryDays + 10 })
            .Partition().Events().GetEnumerator();
        DateTimeOffset trainedAt = new SimulationOptions().Start.AddDays(HistoryDays);
        Model = Live(SegmentModel.Bootstrap(Features.Catalogue.Hash, [.. Features.Catalogue.Features.Select(f => f.Name)], trainedAt));
        while (events.MoveNext() && events.Current.DeliveredAt < trainedAt)
        {
            Receive(events.Current);
        }

        Model = Live(Train(trainedAt));
        var kept = new List<EngineSample>(Count);
        while (kept.Count < Count && events.MoveNext())
        {
            if (Receive(events.Current) is { } sample && events.Current.DeliveredAt > trainedAt.AddDays(1))
            {
                kept.Add(sample);
            }
        }

        All = [.. kept];
    }

    public FeatureEngine Features { get; } = new(FeatureCatalogue.Default);

    public EventReader Reader { get; } = new(FeatureCatalogue.Default);

    public CustomerEvaluator Evaluator { get; } = new(new FeatureEngine(FeatureCatalogue.Default));

    public LiveModel Model { get; private set; }

    public EngineSample[] All { get; }

    private static LiveModel Live(SegmentModel model) => new(model, rolloutComplete: true, FrozenDictionary<int, EarlierSegment>.Empty);

    private EngineSample? Receive(in SimulatedEvent source)
    {
        string messageId = source.MessageId.ToString("N");
        _writer.Clear();
        Reader.Read(EngineSample.Input(source, messageId), _writer);
        byte[] facts = _writer.ToArray();
        CustomerRecord? before = _customers[source.CustomerIndex];
        long now = source.DeliveredAt.ToUnixTimeMilliseconds();
        (byte[] after, int applied, _, _) = Features.Apply(before?.State, facts, MessageWindow.Of(now, MessageMark.LifetimeMinutesMax), []);
        if (applied == 0)
        {
            return null;
        }

        CustomerPlacement placement = Evaluator.Place(Model, before, after, now);
        _customers[source.CustomerIndex] = new CustomerRecord(
            (before?.Version ?? 0) + 1, placement.SegmentId, Model.Version, now, placement.SettledSegmentId, placement.SettledHour, after);
        return new EngineSample(source, messageId, before, facts, after, placement, now);
    }

    private SegmentModel Train(DateTimeOffset at)
    {
        QuantileSketch[] sketches = [.. Features.Catalogue.Features.Select(_ => new QuantileSketch())];
        double[][] vectors = [.. _customers.OfType<CustomerRecord>().Select(record => Values(record, at))];
        foreach (double[] vector in vectors)
        {
            for (int d = 0; d < vector.Length; d++)
            {
                sketches[d].Add(vector[d]);
            }
        }

        FeatureScaling scaling = ScalingFit.Fit(sketches, [.. Features.Catalogue.Features.Select(f => f.Weight)]);
        var matrix = new FeatureMatrix(scaling.Count);
        var row = new float[scaling.Count];
        foreach (double[] vector in vectors)
        {
            scaling.Apply(vector, row);
            matrix.AddRow(row);
        }

        return Model.Model with
        {
            Version = 1,
            Scaling = scaling,
            Centroids = SwapSearch.FromScratch(matrix, SegmentCount, seed: 1).Centroids,
            SegmentIds = [.. Enumerable.Range(1, SegmentCount)],
            SegmentNames = [.. Enumerable.Range(1, SegmentCount).Select(id => $"Segment {id}")],
            NextSegmentId = SegmentCount + 1,
            Population = vectors.Length,
        };
    }

    private double[] Values(CustomerRecord record, DateTimeOffset at)
    {
        var values = new double[Features.FeatureCount];
        Features.Evaluate(record.State, at.ToUnixTimeMilliseconds(), values);
        return values;
    }
}

/// <summary>One event with its customer: the record before it, the facts read from it, and the results.</summary>
/// <param name="Now">When it was delivered, Unix milliseconds.</param>
internal sealed record EngineSample(
    SimulatedEvent Event, string MessageId, CustomerRecord? Before, byte[] Facts, byte[] After, CustomerPlacement Placement, long Now)
{
    public static EventInput Input(in SimulatedEvent source, string messageId) => new()
    {
        Type = source.Type switch
        {
            SimulatedEventType.Identify => EventType.Identify,
            SimulatedEventType.Page => EventType.Page,
            _ => EventType.Track,
        },
        Name = source.Name,
        MessageId = messageId,
        OccurredAtMilliseconds = source.OccurredAt.ToUnixTimeMilliseconds(),
        Properties = source.Properties.Span,
        Context = source.Context.Span,
    };
}
