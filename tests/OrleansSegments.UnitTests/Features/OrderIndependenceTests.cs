using Xunit;

namespace OrleansSegments.UnitTests.Features;

public sealed class OrderIndependenceTests
{
    private const int Rounds = 60;
    private const double RelativeTolerance = 1e-9;

    [Fact]
    public void Any_order_batching_and_repetition_gives_the_same_features_and_traits()
    {
        for (var seed = 0; seed < Rounds; seed++)
        {
            var random = new Random(seed);
            var history = RandomHistory.Make(random, Length(random));
            var expected = new CustomerUnderTest().Receive(history);
            var actual = new CustomerUnderTest();
            foreach (var batch in Scramble(random, history))
            {
                actual.Receive(batch);
            }

            Assert.True(actual.Applied == history.Count, $"seed {seed}: {actual.Applied} applied of {history.Count}");
            var at = history[^1].At + random.Next(0, 100) * TestEvent.Day;
            AssertSame(expected.Values(at), actual.Values(at), $"seed {seed}");
            Assert.True(expected.Traits == actual.Traits, $"seed {seed}: {expected.Traits} against {actual.Traits}");
        }
    }

    [Fact]
    public void A_batch_that_is_retried_whole_changes_nothing()
    {
        var history = RandomHistory.Make(new Random(5), 100);
        var customer = new CustomerUnderTest().Receive(history);
        var state = customer.State;

        customer.Receive(history).Receive(history.AsEnumerable().Reverse().ToArray());

        Assert.Equal(state, customer.State);
        Assert.Equal(200, customer.Duplicates);
        Assert.NotSame(state, customer.State);
    }

    [Fact]
    public void A_state_that_is_saved_and_restored_goes_on_as_if_never_stopped()
    {
        var history = RandomHistory.Make(new Random(11), 80);
        var steady = new CustomerUnderTest();
        var restored = new CustomerUnderTest();
        foreach (var one in history)
        {
            steady.Receive([one]);
            restored = new CustomerUnderTest { State = restored.Receive([one]).State.ToArray(), Spilled = restored.Spilled };
        }

        Assert.Equal(steady.State, restored.State);
    }

    [Fact]
    public void The_generator_reaches_duplicates_late_events_equal_times_and_single_events()
    {
        var (late, equal, single, repeated) = (0, 0, 0, 0);
        for (var seed = 0; seed < Rounds; seed++)
        {
            var random = new Random(seed);
            var history = RandomHistory.Make(random, Length(random));
            var flat = Scramble(random, history).SelectMany(x => x).ToList();
            late += flat.Zip(flat.Skip(1)).Count(x => x.Second.At < x.First.At);
            equal += history.Zip(history.Skip(1)).Count(x => x.Second.At == x.First.At);
            repeated += flat.Count - history.Count;
            single += history.Count == 1 ? 1 : 0;
        }

        Assert.True(late > 100 && equal > 100 && repeated > 100 && single > 0, $"late {late}, equal {equal}, repeated {repeated}, single {single}");
    }

    /// <summary>One in eight is a single event.</summary>
    private static int Length(Random random) => random.Next(8) == 0 ? 1 : random.Next(2, 120);

    internal static void AssertSame(double[] expected, double[] actual, string when)
    {
        for (var i = 0; i < expected.Length; i++)
        {
            var same = expected[i].Equals(actual[i])
                || Math.Abs(expected[i] - actual[i]) <= RelativeTolerance * Math.Max(Math.Abs(expected[i]), Math.Abs(actual[i]));
            Assert.True(same, $"{when}, feature {i}: {expected[i]:R} against {actual[i]:R}");
        }
    }

    /// <summary>Shuffles, repeats some, and splits into batches.</summary>
    private static List<List<TestEvent>> Scramble(Random random, List<TestEvent> history)
    {
        var shuffled = history.ToArray();
        random.Shuffle(shuffled);
        var batches = new List<List<TestEvent>> { new() };
        foreach (var one in shuffled)
        {
            batches[^1].Add(one);
            if (random.Next(3) == 0)
            {
                batches[^1].Add(one);
            }

            if (random.Next(4) == 0)
            {
                if (random.Next(3) == 0)
                {
                    batches.Add([.. batches[^1]]);
                }

                batches.Add([]);
            }
        }

        return batches;
    }
}
