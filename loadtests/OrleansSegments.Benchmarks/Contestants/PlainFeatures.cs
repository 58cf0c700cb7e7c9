using OrleansSegments.Contracts.Events;
using OrleansSegments.Engine.Events;
using OrleansSegments.Engine.Features;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Benchmarks.Contestants;

/// <summary>The features of a customer after an event, and nothing else; what the plain ways compute. One thread at a time.</summary>
internal sealed class PlainFeatures(FeatureCatalogue catalogue)
{
    private readonly FeatureEngine _engine = new(catalogue);
    private readonly EventReader _reader = new(catalogue);
    private readonly FactsWriter _writer = new();

    /// <param name="state">As the engine wrote it; empty before the first event.</param>
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
