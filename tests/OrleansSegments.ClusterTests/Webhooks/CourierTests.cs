using System.Collections.Concurrent;
using OrleansSegments.Contracts.Changes;
using OrleansSegments.Contracts.Webhooks;
using OrleansSegments.TestKit.Time;
using OrleansSegments.TestKit.Waiting;
using OrleansSegments.Webhooks;
using Xunit;

namespace OrleansSegments.ClusterTests.Webhooks;

/// <summary>The order of deliveries and what is repeated, over a log and a receiver of the test's own, on a clock that the test moves.</summary>
public sealed class CourierTests
{
    private static readonly WebhookTarget Target = new(7, new WebhookState { Url = "https://example.com/", Secret = "whsec_" + Convert.ToBase64String(new byte[32]) });

    private readonly ManualTimeProvider _clock = new();
    private readonly ConcurrentQueue<long> _sent = new();
    private TransitionView[] _log = [];
    private Func<TransitionView, Task<SendResult>> _receive = _ => Task.FromResult(Ok);
    private TimeSpan _disableAfter = TimeSpan.FromDays(1_000);

    private static SendResult Ok => Result(200);

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.1)]
    [InlineData(0.5)]
    [InlineData(0.8)]
    public async Task Whatever_fails_and_whenever_it_is_restarted_each_customers_transitions_arrive_in_order_and_none_is_missing(double failing)
    {
        for (var seed = 0; seed < 6; seed++)
        {
            var random = new Random(seed);
            var gate = new Lock();
            _log = [.. Enumerable.Range(1, 300).Select(n => Transition(3 * n, $"c{random.Next(1 + (seed * 5))}"))];
            var underWay = new HashSet<string>();
            var delivered = new HashSet<long>();
            var mistakes = new List<string>();
            WebhookCourier? courier = null;
            _receive = async transition =>
            {
                int waits;
                bool fails, isCut;
                lock (gate)
                {
                    (waits, fails, isCut) = (random.Next(3), random.NextDouble() < failing, random.NextDouble() < 0.3);
                    if (!underWay.Add(transition.CustomerId) || underWay.Count > WebhookCourier.DeliveriesMax)
                    {
                        mistakes.Add($"{underWay.Count} under way with {transition.CustomerId}");
                    }

                    if (_log.FirstOrDefault(one => one.CustomerId == transition.CustomerId && !delivered.Contains(one.Sequence)) is { } due && due.Sequence < transition.Sequence)
                    {
                        mistakes.Add($"{transition.Sequence} before {due.Sequence}");
                    }
                }

                for (var i = 0; i < waits; i++)
                {
                    await Task.Yield();
                }

                lock (gate)
                {
                    underWay.Remove(transition.CustomerId);

                    // A receiver may have taken what counts as failed.
                    if (!fails || isCut)
                    {
                        delivered.Add(transition.Sequence);
                    }

                    if (_log.FirstOrDefault(one => !delivered.Contains(one.Sequence)) is { } missing && courier?.Progress.Cursor >= missing.Sequence)
                    {
                        mistakes.Add($"the cursor {courier.Progress.Cursor} is beyond {missing.Sequence}");
                    }
                }

                return fails ? random.Next(4) == 0 ? Result(429, TimeSpan.FromSeconds(5)) : Result(500) : Ok;
            };

            var progress = new CourierProgress(0);
            for (var restarts = random.Next(4); restarts >= 0; restarts--)
            {
                await using (courier = Start(progress))
                {
                    var until = restarts == 0 ? 900 : progress.Cursor + random.Next(1, 300);
                    await AdvanceUntilAsync(() => courier.Progress.Cursor >= Math.Min(until, 900));
                }

                progress = courier.Progress;
            }

            Assert.Empty(mistakes);
            Assert.Equal(300, delivered.Count);
        }
    }

    [Fact]
    public async Task A_customer_whose_transitions_fail_waits_alone()
    {
        _log = [Transition(1, "a"), Transition(2, "a"), .. Enumerable.Range(3, 400).Select(n => Transition(n, $"b{n}"))];
        _receive = transition => Task.FromResult(transition.CustomerId == "a" ? Result(500) : Ok);
        await using var courier = Start();

        await Condition.HoldsAsync("all others are delivered", () => _sent.Distinct().Count() == 401);
        Assert.Equal(0, courier.Progress.Cursor);
        Assert.DoesNotContain(2, _sent);

        _receive = _ => Task.FromResult(Ok);
        await AdvanceUntilAsync(() => courier.Progress.Cursor == 402);
        Assert.Equal([1, 2], _sent.Where(sequence => sequence < 3).Distinct());
    }

    [Fact]
    public async Task A_receiver_that_is_down_is_probed_with_one_message_at_a_time_and_ever_more_rarely()
    {
        _log = [.. Enumerable.Range(1, 100).Select(n => Transition(n, $"c{n}"))];
        _receive = _ => Task.FromResult(Result(500));
        await using var courier = Start();
        await Condition.HoldsAsync("the first ones fail", () => courier.Progress.RetryAt is not null && _sent.Count == WebhookCourier.DeliveriesMax);

        for (var minute = 0; minute < 10; minute++)
        {
            var before = _sent.Count;
            await AdvanceUntilAsync(() => _sent.Count > before, TimeSpan.FromSeconds(1));
        }

        var (count, at) = (_sent.Count, _clock.GetUtcNow());
        await AdvanceUntilAsync(() => _sent.Count == count + 3, TimeSpan.FromSeconds(1));
        Assert.True(_clock.GetUtcNow() - at >= TimeSpan.FromMinutes(2), $"three probes within {_clock.GetUtcNow() - at}");

        _receive = _ => Task.FromResult(Ok);
        await AdvanceUntilAsync(() => courier.Progress.Cursor == 100);
        Assert.Null(courier.Progress.FailingSince);
    }

    [Fact]
    public async Task Nothing_is_sent_before_the_time_that_a_receiver_names()
    {
        _log = [.. Enumerable.Range(1, 20).Select(n => Transition(n, $"c{n}"))];
        _receive = transition => Task.FromResult(transition.Sequence == 1 ? Result(429, TimeSpan.FromSeconds(50)) : Ok);
        await using var courier = Start();
        await Condition.HoldsAsync("the receiver wants to be left alone", () => courier.Progress.RetryAt is not null && courier.Kept.Length == WebhookCourier.DeliveriesMax);
        _receive = _ => Task.FromResult(Ok);

        for (var second = 1; second < 50; second++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
            Assert.Equal(WebhookCourier.DeliveriesMax, _sent.Count);
        }

        await AdvanceUntilAsync(() => courier.Progress.Cursor == 20, TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task A_receiver_that_is_gone_is_left_alone_and_one_that_only_fails_after_the_stated_time()
    {
        _log = [Transition(1, "a"), Transition(2, "b")];
        _receive = _ => Task.FromResult(Result(410));
        await using (var courier = Start())
        {
            await Condition.HoldsAsync("the webhook is disabled", () => courier.Progress.DisabledAt is not null);
            Assert.Contains("410", courier.Progress.Reason);
        }

        _disableAfter = TimeSpan.FromHours(5);
        _receive = _ => Task.FromResult(Result(500));
        await using (var courier = Start())
        {
            await AdvanceUntilAsync(() => courier.Progress.DisabledAt is not null, TimeSpan.FromMinutes(1));
            Assert.InRange(courier.Progress.DisabledAt!.Value - courier.Progress.FailingSince!.Value, TimeSpan.FromHours(5), TimeSpan.FromHours(5.1));
            Assert.Equal(0, courier.Progress.Cursor);
        }
    }

    [Fact]
    public async Task What_is_not_wanted_moves_the_cursor_and_is_not_sent()
    {
        var target = new WebhookTarget(7, new WebhookState { Url = "https://example.com/", Secret = "AAAA", Segments = ["s2"], Causes = ["time"] });
        _log = [Transition(1, "a"), Transition(2, "a") with { Cause = "time", To = "s3" }, Transition(3, "a") with { Cause = "time" }, Transition(4, "b") with { Cause = "time", From = "s2", To = null }, Transition(5, "b")];
        await using var courier = Start(target: target);

        await Condition.HoldsAsync("the cursor is at the end", () => courier.Progress.Cursor == 5);
        Assert.Equal([3, 4], _sent.Order());
    }

    private static TransitionView Transition(long sequence, string customer) => new(sequence, customer, "s1", "s2", "event", 1, new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    private static SendResult Result(int status, TimeSpan? retryAfter = null) => new(
        new WebhookDelivery("", 0, default, status == 200, 1, status, status == 200 ? null : $"The receiver answered {status}.", 1), status == 410, retryAfter);

    private WebhookCourier Start(CourierProgress? progress = null, WebhookTarget? target = null) =>
        new(target ?? Target, progress ?? new CourierProgress(0), [], new CourierServices(ReadAsync, SendAsync, _ => { }, _clock, _disableAfter, CancellationToken.None));

    private Task<SendResult> SendAsync(WebhookMessage message, bool isProbe, CancellationToken cancellationToken)
    {
        _sent.Enqueue(message.Sequence);
        return _receive(_log.First(one => one.Sequence == message.Sequence));
    }

    private async Task<TransitionView[]> ReadAsync(long after, int limit, CancellationToken cancellationToken)
    {
        if (_log.Where(one => one.Sequence > after).Take(limit).ToArray() is { Length: > 0 } page)
        {
            return page;
        }

        await Task.Delay(TimeSpan.FromSeconds(10), _clock, cancellationToken);
        return [];
    }

    /// <summary>Moves the clock as fast as the courier follows, or a little faster.</summary>
    private Task AdvanceUntilAsync(Func<bool> holds, TimeSpan? step = null) => Condition.HoldsAsync("the courier goes on", async () =>
    {
        for (var i = 0; i < 50 && !holds(); i++)
        {
            _clock.Advance(step ?? TimeSpan.FromSeconds(20));
            await Task.Yield();
        }

        return holds();
    });
}
