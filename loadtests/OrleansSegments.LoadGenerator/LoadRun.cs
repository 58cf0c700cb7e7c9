using System.Text;
using System.Threading.Channels;

namespace OrleansSegments.LoadGenerator;

/// <summary>
/// Open-loop load: batches are sent on a schedule, not when the API is ready for more. At most <see cref="LoadOptions.Connections"/>
/// requests run at a time; when all are busy, batches are sent late and the delay counts as latency.
/// </summary>
public sealed class LoadRun
{
    private static readonly TimeSpan ProgressEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan TimerResolution = TimeSpan.FromMilliseconds(1);
    private readonly LoadOptions _options;
    private readonly HttpMessageHandler? _handler;
    private readonly TimeProvider _time;
    private readonly Channel<BatchBody> _free;
    private readonly LoadTally _tally = new();
    private long _started;
    private string? _refusal;

    /// <param name="options">The load.</param>
    /// <param name="handler">Answers the requests instead of the network; the caller owns it.</param>
    /// <param name="time">The clock of the schedule; null for the system's.</param>
    public LoadRun(LoadOptions options, HttpMessageHandler? handler = null, TimeProvider? time = null)
    {
        options.Validate();
        _options = options;
        _handler = handler;
        _time = time ?? TimeProvider.System;
        _free = Channel.CreateBounded<BatchBody>(options.Connections);
    }

    /// <summary>
    /// Sends the load and waits for the last answer; callable once. Throws <see cref="HttpRequestException"/> when the API refuses the key
    /// or the path, because every further batch would fail too.
    /// </summary>
    public async Task<LoadReport> RunAsync(IProgress<LoadProgress>? progress = null, CancellationToken ct = default)
    {
        if (_started != 0)
        {
            throw new InvalidOperationException("A LoadRun runs once; make another one.");
        }

        ulong seed = _options.Seed ?? (ulong)_time.GetUtcNow().ToUnixTimeMilliseconds();
        var schedule = new SendSchedule(_options.EventsPerSecond, _options.Seconds, _options.BatchSize);
        var source = new EventSource(_options.Customers, schedule.Events, seed, _time.GetUtcNow(), _options.IsZipf);
        using HttpMessageInvoker invoker = CreateClient();
        var client = new BatchClient(invoker, _options.Uri, _options.WriteKey, _time);
        using var refused = CancellationTokenSource.CreateLinkedTokenSource(ct);
        for (int i = 0; i < _options.Connections; i++)
        {
            _free.Writer.TryWrite(new BatchBody());
        }

        _started = _time.GetTimestamp();
        try
        {
            await SendAllAsync(client, schedule, source, progress, refused);
        }
        catch (OperationCanceledException) when (_refusal is not null)
        {
            // Reported below, with the reason.
        }
        finally
        {
            for (int i = 0; i < _options.Connections; i++)
            {
                await _free.Reader.ReadAsync(CancellationToken.None);
            }
        }

        TimeSpan elapsed = _time.GetElapsedTime(_started);
        return _refusal is null
            ? _tally.Report(_options, seed, schedule.Batches, elapsed)
            : throw new HttpRequestException(_refusal);
    }

    private async Task SendAllAsync(
        BatchClient client, SendSchedule schedule, EventSource source, IProgress<LoadProgress>? progress, CancellationTokenSource refused)
    {
        TimeSpan reported = TimeSpan.Zero;
        long sent = 0;
        for (long batch = 0; batch < schedule.Batches; batch++)
        {
            TimeSpan intended = schedule.IntendedAt(batch);
            BatchBody body = await NextBodyAsync(schedule.EventsIn(batch), intended, source, refused.Token);
            TimeSpan now = _time.GetElapsedTime(_started);
            _tally.Behind.Record(now - intended);
            sent += body.Events;
            _ = SendAsync(client, body, intended, refused);
            if (now - reported >= ProgressEvery)
            {
                reported = now;
                progress?.Report(new LoadProgress(now, sent, _tally.EventsAccepted, now - intended, _tally.Latency.Percentile(99)));
            }
        }
    }

    /// <summary>Waits for a free body, fills it, and waits for the intended time.</summary>
    private async Task<BatchBody> NextBodyAsync(int events, TimeSpan intended, EventSource source, CancellationToken ct)
    {
        BatchBody body = await _free.Reader.ReadAsync(ct);
        try
        {
            body.Fill(source, events);
            TimeSpan early = intended - _time.GetElapsedTime(_started);
            while (early >= TimerResolution)
            {
                // A timer may fire some milliseconds early.
                await Task.Delay(early, _time, ct);
                early = intended - _time.GetElapsedTime(_started);
            }

            return body;
        }
        catch
        {
            _free.Writer.TryWrite(body);
            throw;
        }
    }

    /// <summary>Sends one batch with retries. Never throws: the only thing waited for is the body it returns.</summary>
    private async Task SendAsync(BatchClient client, BatchBody body, TimeSpan intended, CancellationTokenSource refused)
    {
        try
        {
            for (int attempt = 1; attempt <= _options.AttemptsMax; attempt++)
            {
                TimeSpan begun = _time.GetElapsedTime(_started);
                (BatchVerdict? verdict, TimeSpan wait) = await AttemptAsync(client, body, attempt, refused);
                if (verdict is not null)
                {
                    TimeSpan ended = _time.GetElapsedTime(_started);
                    _tally.Accept(body.Events, verdict.Value, ended - (begun < intended ? begun : intended), ended - begun);
                    return;
                }

                if (attempt < _options.AttemptsMax)
                {
                    await Task.Delay(wait, _time, refused.Token);
                }
            }

            _tally.GiveUp(body.Events);
        }
        catch (OperationCanceledException)
        {
            _tally.GiveUp(body.Events);
        }
        catch (Exception error)
        {
            await RefuseAsync($"POST {client.Target} failed: {error.Message}", refused);
        }
        finally
        {
            _free.Writer.TryWrite(body);
        }
    }

    /// <summary>Sends one request: returns the verdict when accepted, otherwise the wait before the next attempt.</summary>
    private async Task<(BatchVerdict? Verdict, TimeSpan Wait)> AttemptAsync(BatchClient client, BatchBody body, int attempt, CancellationTokenSource refused)
    {
        BatchAnswer answer = await client.SendAsync(body.Json, attempt, refused.Token);
        if (answer.Outcome == BatchOutcome.Unanswered)
        {
            _tally.NetworkError();
            return (null, answer.Wait);
        }

        _tally.Answer(answer.Status);
        if (answer.Outcome == BatchOutcome.Refused)
        {
            string reason = Encoding.UTF8.GetString(answer.Body.Span[..Math.Min(answer.Body.Length, 200)]);
            await RefuseAsync($"POST {client.Target} answered {(int)answer.Status}: {reason}. Check the address and the write key.", refused);
        }

        return (answer.Outcome == BatchOutcome.Accepted ? BatchVerdict.Read(answer.Body) : null, answer.Wait);
    }

    private async Task RefuseAsync(string reason, CancellationTokenSource refused)
    {
        Interlocked.CompareExchange(ref _refusal, reason, null);
        await refused.CancelAsync();
    }

    private HttpMessageInvoker CreateClient() => _handler is not null
        ? new HttpMessageInvoker(_handler, disposeHandler: false)
        : new HttpMessageInvoker(new SocketsHttpHandler { MaxConnectionsPerServer = _options.Connections, UseCookies = false }, disposeHandler: true);
}

/// <summary>
/// The intended send time of each batch, fixed before the first is sent: a slow API gets no rest, and the delay it causes counts as
/// latency.
/// </summary>
/// <param name="EventsPerSecond">The rate to keep.</param>
/// <param name="Seconds">How long to send.</param>
/// <param name="BatchSize">Events per batch; the last one may have fewer.</param>
public readonly record struct SendSchedule(int EventsPerSecond, double Seconds, int BatchSize)
{
    public long Events => Math.Max(1, (long)Math.Round(EventsPerSecond * Seconds));

    public long Batches => ((Events - 1) / BatchSize) + 1;

    public int EventsIn(long batch) => (int)Math.Min(BatchSize, Events - (batch * BatchSize));

    /// <summary>The intended send time of a batch, relative to the start of the run.</summary>
    public TimeSpan IntendedAt(long batch) =>
        new((long)Math.Round((double)TimeSpan.TicksPerSecond * batch * BatchSize / EventsPerSecond));
}
