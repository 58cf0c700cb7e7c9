using System.Text;
using OrleansSegments.Engine.Events;
using OrleansSegments.Engine.Features;
using Xunit;

namespace OrleansSegments.UnitTests.Features;

/// <summary>
/// One customer that receives events through the public path: reader, facts, apply; spilled messages are kept beside the state.
/// </summary>
internal sealed class CustomerUnderTest(FeatureCatalogue catalogue)
{
    private readonly FeatureEngine _engine = new(catalogue);
    private readonly EventReader _reader = new(catalogue);

    public CustomerUnderTest()
        : this(FeatureCatalogue.Default)
    {
    }

    public byte[] State { get; set; } = [];

    /// <summary>The last minutes of the messages that the state has spilled.</summary>
    public Dictionary<ulong, uint> Spilled { get; init; } = [];

    /// <summary>How often the state could not tell whether a message is a repeat.</summary>
    public int LookUps { get; private set; }

    /// <summary>The time at which batches are received.</summary>
    public MessageWindow Window { get; set; } = MessageWindow.Of(TestEvent.Start, 24 * 60);

    public int Applied { get; private set; }

    public int Duplicates { get; private set; }

    public int TraitsDropped { get; private set; }

    public string Traits => Encoding.UTF8.GetString(FeatureEngine.ReadTraits(State));

    public CustomerUnderTest Receive(params IEnumerable<TestEvent> batch)
    {
        var facts = Facts(batch);
        var uncertain = _engine.FindUncertain(State, facts, Window.NowMinutes);
        LookUps += uncertain.Length;
        var result = _engine.Apply(
            State, facts, Window, [.. uncertain.Where(key => Spilled.TryGetValue(key, out var until) && until >= Window.NowMinutes)]);
        (State, var applied, var duplicates, var spilled) = result;
        TraitsDropped += result.TraitsDropped;
        foreach (var message in spilled)
        {
            Spilled[message.Key] = message.UntilMinutes;
        }

        Applied += applied;
        Duplicates += duplicates;
        return this;
    }

    public byte[] Facts(IEnumerable<TestEvent> batch)
    {
        var writer = new FactsWriter();
        foreach (var one in batch)
        {
            Assert.True(one.ReadInto(_reader, writer), $"{one} was refused");
        }

        return writer.ToArray();
    }

    public double[] Values(long at)
    {
        var values = new double[_engine.FeatureCount];
        _engine.Evaluate(State, at, values);
        return values;
    }

    public double Natural(string feature, long at)
    {
        var values = new double[_engine.FeatureCount];
        _engine.EvaluateNatural(State, at, values);
        var index = _engine.Catalogue.IndexOf(feature);
        Assert.True(index >= 0, $"no feature {feature}");
        return values[index];
    }
}
