using OrleansSegments.Grains.Passes;
using OrleansSegments.Grains.Silos;
using Xunit;

namespace OrleansSegments.ClusterTests.Passes;

public sealed class PassLedgerTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);
    private static readonly SiloView Three = View("a", "b", "c");

    private readonly PassLedger _ledger = new(Lease);
    private readonly Guid _session = Guid.NewGuid();
    private TimeSpan _now;

    [Fact]
    public void Silos_that_are_alive_share_the_parts_evenly_and_the_step_ends_with_the_last_answer()
    {
        _ledger.Begin(Order(0, 12), Three, _now);
        var shares = Three.Silos.Select(silo => _ledger.Take(silo, Three, _now)!).ToArray();

        Assert.All(shares, share => Assert.Equal(4, share.Parts.Length));
        Assert.Equal(Enumerable.Range(0, 12), shares.SelectMany(share => share.Parts).Order());
        Assert.True(Reply("a", shares[0]));
        Assert.True(Reply("b", shares[1]));
        Assert.False(Answer(0, Three).IsFinished);
        Assert.True(Reply("c", shares[2]));
        AssertEveryPartOnce(Answer(0, Three), 12);
    }

    [Fact]
    public void The_parts_of_a_silo_that_left_go_to_the_others_at_once_and_its_answer_no_longer_counts()
    {
        _ledger.Begin(Order(0, 12), Three, _now);
        var dead = _ledger.Take("c", Three, _now)!;
        var two = View("a", "b");
        foreach (var silo in two.Silos)
            Assert.True(Reply(silo, _ledger.Take(silo, two, _now)!));

        Assert.True(Answer(0, two).IsFinished);
        Assert.False(Reply("c", dead));
        AssertEveryPartOnce(Answer(0, two), 12);
    }

    [Fact]
    public void A_stalled_silo_loses_its_parts_after_a_lease_and_its_late_answer_is_dropped()
    {
        _ledger.Begin(Order(0, 12), Three, _now);
        var stalled = _ledger.Take("c", Three, _now)!;
        foreach (var silo in (string[])["a", "b"])
            Reply(silo, _ledger.Take(silo, Three, _now)!);
        _now += Lease;
        Assert.Null(_ledger.Take("a", Three, _now));

        _now += TimeSpan.FromMilliseconds(1);
        var taken = _ledger.Take("a", Three, _now)!;
        Assert.Equal(stalled.Parts, taken.Parts);
        Assert.False(Reply("c", stalled));
        Assert.True(Reply("a", taken));
        AssertEveryPartOnce(Answer(0, Three), 12);
    }

    [Fact]
    public void A_silo_that_says_it_is_still_at_it_keeps_its_parts()
    {
        _ledger.Begin(Order(0, 12), Three, _now);
        var slow = _ledger.Take("c", Three, _now)!;
        foreach (var silo in (string[])["a", "b"])
            Reply(silo, _ledger.Take(silo, Three, _now)!);
        for (var second = 0; second < 60; second++)
        {
            _now += TimeSpan.FromSeconds(1);
            _ledger.Renew("c", _now);
            Assert.Null(_ledger.Take("a", Three, _now));
        }

        Assert.True(Reply("c", slow));
        AssertEveryPartOnce(Answer(0, Three), 12);
    }

    [Fact]
    public void Steps_of_a_session_keep_their_division_and_an_answer_to_another_step_is_dropped()
    {
        _ledger.Begin(Order(0, 12), Three, _now);
        var first = Three.Silos.Select(silo => _ledger.Take(silo, Three, _now)!).ToArray();
        foreach (var (silo, share) in Three.Silos.Zip(first))
            Reply(silo, share);
        var four = View("a", "b", "c", "d");
        _ledger.Begin(Order(1, 12), four, _now);

        Assert.Null(_ledger.Take("d", four, _now));
        Assert.False(Reply("a", first[0]));
        foreach (var (silo, before) in Three.Silos.Zip(first))
        {
            var share = _ledger.Take(silo, four, _now)!;
            Assert.Equal(before.Parts, share.Parts);
            Assert.True(Reply(silo, share));
            Assert.False(Reply(silo, share));
        }

        AssertEveryPartOnce(Answer(1, four), 12);
    }

    [Fact]
    public void A_silo_that_joins_in_the_middle_takes_over_from_one_that_dies()
    {
        _ledger.Begin(Order(0, 4), View("a"), _now);
        Assert.Equal(4, _ledger.Take("a", View("a"), _now)!.Parts.Length);
        Assert.Null(_ledger.Take("b", View("a", "b"), _now));

        var share = _ledger.Take("b", View("b"), _now)!;
        Assert.True(Reply("b", share));
        AssertEveryPartOnce(Answer(0, View("b")), 4);
    }

    [Fact]
    public void A_silo_that_asks_again_is_told_again()
    {
        _ledger.Begin(Order(0, 12), Three, _now);

        Assert.Equal(_ledger.Take("a", Three, _now)!.Parts, _ledger.Take("a", Three, _now)!.Parts);
    }

    [Fact]
    public void An_order_to_every_silo_waits_for_the_silent_and_not_for_those_that_left()
    {
        _ledger.Begin(Order(0, 0), Three, _now);
        Assert.True(Reply("a", _ledger.Take("a", Three, _now)!));
        Assert.True(Reply("b", _ledger.Take("b", Three, _now)!));
        _now += 100 * Lease;

        Assert.Null(_ledger.Take("a", Three, _now));
        Assert.False(Answer(0, Three).IsFinished);
        Assert.True(Answer(0, View("a", "b", "d")).IsFinished);
    }

    [Fact]
    public void A_session_that_another_replaced_does_not_come_back()
    {
        var other = new PassOrder(Guid.NewGuid(), 0, Ranges(4), new NoWork());
        Assert.True(_ledger.Begin(Order(0, 4), Three, _now));
        Assert.True(_ledger.Begin(other, Three, _now));

        Assert.False(_ledger.Begin(Order(0, 4), Three, _now));
        Assert.False(_ledger.Begin(Order(1, 4), Three, _now));
        Assert.True(_ledger.Begin(other, Three, _now));
        Assert.True(_ledger.Answer(other.Session, 0, Three, _now).IsKnown);
        Assert.False(Answer(0, Three).IsKnown);
    }

    [Fact]
    public void A_share_that_fails_is_done_again_and_a_step_that_fails_again_and_again_is_given_up_with_the_reason()
    {
        _ledger.Begin(Order(0, 4), View("a"), _now);
        for (var failure = 1; failure < PassLedger.FailuresMax; failure++)
        {
            Assert.True(Fail(_ledger.Take("a", View("a"), _now)!));
            Assert.Null(Answer(0, View("a")).Problem);
        }

        Assert.True(Fail(_ledger.Take("a", View("a"), _now)!));
        Assert.Contains("no disk", Answer(0, View("a")).Problem, StringComparison.Ordinal);
        Assert.Null(_ledger.Take("a", View("a"), _now));
    }

    /// <summary>Silos die, stall, come back with old answers and join, in any order; whatever happens, the results are about every part once.</summary>
    [Theory]
    [MemberData(nameof(Seeds))]
    public void Whatever_happens_to_the_silos_every_part_is_in_exactly_one_result(int seed)
    {
        var random = new Random(seed);
        var held = new List<(string Silo, PassShare Share)>();
        var silos = new List<string> { "a", "b", "c" };
        for (var step = 0; step < 20; step++)
        {
            _ledger.Begin(Order(step, 13), View([.. silos]), _now);
            for (var turn = 0; !Answer(step, View([.. silos])).IsFinished; turn++)
            {
                Assert.True(turn < 10_000, $"step {step} does not end");
                Happen(random, silos, held);
            }

            AssertEveryPartOnce(Answer(step, View([.. silos])), 13);
        }
    }

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 50)];

    private void Happen(Random random, List<string> silos, List<(string Silo, PassShare Share)> held)
    {
        var silo = silos.Count == 0 ? "none" : silos[random.Next(silos.Count)];
        switch (random.Next(12))
        {
            case 0 when silos.Count > 1:
                silos.Remove(silo);
                break;
            case 1 when silos.Count < 5:
                silos.Add($"joined-{_now.Ticks}-{random.Next()}");
                break;
            case 2:
                _now += Lease * random.NextDouble() * 1.5;
                break;
            case < 7 when held.Count > 0:
                // Some answers are handed in twice, some long after, some by the dead.
                var (owner, share) = held[random.Next(held.Count)];
                Reply(owner, share);
                break;
            default:
                _now += TimeSpan.FromMilliseconds(100);
                if (_ledger.Take(silo, View([.. silos]), _now) is { } taken)
                    held.Add((silo, taken));
                break;
        }
    }

    private static SiloView View(params string[] silos) => new("a", silos);

    private static IdRange[] Ranges(int count) => count == 0 ? [] : IdRange.Between([.. Enumerable.Range(1, count - 1).Select(cut => $"{cut:00}")]);

    private static void AssertEveryPartOnce(PassAnswer answer, int parts) =>
        Assert.Equal(Enumerable.Range(0, parts), answer.Results.Cast<CountResult>().SelectMany(result => result.Parts).Order());

    private PassOrder Order(int step, int parts) => new(_session, step, Ranges(parts), new NoWork());

    private PassAnswer Answer(int step, SiloView silos) => _ledger.Answer(_session, step, silos, _now);

    private bool Reply(string silo, PassShare share) =>
        _ledger.Accept(new PassReply(silo, share.Session, share.Step, share.Parts, new CountResult(share.Parts), null), _now);

    private bool Fail(PassShare share) => _ledger.Accept(new PassReply("a", share.Session, share.Step, share.Parts, null, "no disk"), _now);
}
