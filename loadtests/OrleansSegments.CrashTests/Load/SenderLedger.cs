using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using OrleansSegments.CrashTests.Http;
using OrleansSegments.LoadGenerator;

namespace OrleansSegments.CrashTests.Load;

/// <summary>
/// What the senders know, and all that a checker knows of the load: which batches were acknowledged with 200, which were sent, and which
/// answers a sender must not get. Thread-safe.
/// </summary>
public sealed class SenderLedger
{
    private readonly ConcurrentDictionary<EventBatch, bool> _acknowledged = new(ReferenceEqualityComparer.Instance);
    private readonly ConcurrentDictionary<EventBatch, bool> _sent = new(ReferenceEqualityComparer.Instance);
    private readonly ConcurrentQueue<ApiAnswer> _refusals = [];
    private readonly ConcurrentQueue<string> _faults = [];
    private int _unanswered;
    private int _answers;

    /// <summary>Number of distinct acknowledged batches.</summary>
    public int AcknowledgedCount => _acknowledged.Count;

    /// <summary>Number of 200 answers, including those to repeated batches.</summary>
    public int AnswersCount => Volatile.Read(ref _answers);

    public IEnumerable<EventBatch> Acknowledged => _acknowledged.Keys;

    public IEnumerable<EventBatch> Sent => _sent.Keys;

    /// <summary>Batches whose outcome is unknown.</summary>
    public EventBatch[] Unresolved => [.. _sent.Keys.Where(batch => !_acknowledged.ContainsKey(batch))];

    /// <summary>Every answer other than 200.</summary>
    public IReadOnlyCollection<ApiAnswer> Refusals => _refusals;

    /// <summary>Attempts without an answer.</summary>
    public int UnansweredCount => Volatile.Read(ref _unanswered);

    /// <summary>
    /// Answers that break the API's promises: statuses other than 200, 429 and 503, no Retry-After, or counts that do not add up.
    /// </summary>
    public IReadOnlyCollection<string> Faults => _faults;

    /// <summary>Sends a batch once; returns false when it was refused or the connection broke, so that its outcome is unknown.</summary>
    public async Task<bool> SendAsync(SegmentsApi api, EventBatch batch) =>
        (await AttemptAsync(api, batch, attempt: 1, CancellationToken.None)).Outcome == BatchOutcome.Accepted;

    /// <summary>Makes one attempt, recorded before it starts and after it ends.</summary>
    public async Task<BatchAnswer> AttemptAsync(SegmentsApi api, EventBatch batch, int attempt, CancellationToken ct)
    {
        _sent[batch] = true;
        BatchAnswer answer = await api.Batches.SendAsync(batch.Body, attempt, ct);
        if (answer.Outcome == BatchOutcome.Unanswered)
        {
            Interlocked.Increment(ref _unanswered);
            return answer;
        }

        string text = Encoding.UTF8.GetString(answer.Body.Span);
        if (answer.Outcome == BatchOutcome.Accepted)
        {
            NoteFault(FaultOf(answer.Status, text, batch.Events.Count));
            _acknowledged[batch] = true;
            Interlocked.Increment(ref _answers);
        }
        else
        {
            var refusal = new ApiAnswer((int)answer.Status, answer.RetryAfter, MediaType: null, text);
            _refusals.Enqueue(refusal);
            NoteFault(refusal.IsTurnedAway ? null : $"a batch was answered with {refusal}");
        }

        return answer;
    }

    /// <summary>Records something that a sender or reader of the API must never see.</summary>
    public void NoteFault(string? fault)
    {
        if (fault is not null)
        {
            _faults.Enqueue(fault);
        }
    }

    /// <summary>Distinct events of each customer in the batches.</summary>
    public static Dictionary<string, long> CountByCustomer(IEnumerable<EventBatch> batches)
    {
        var counts = new Dictionary<string, long>();
        foreach ((string customerId, int events) in batches.SelectMany(b => b.EventsByCustomer))
        {
            counts[customerId] = counts.GetValueOrDefault(customerId) + events;
        }

        return counts;
    }

    private static string? FaultOf(HttpStatusCode status, string text, int events)
    {
        JsonNode? answer = JsonNode.Parse(text);
        int rejected = answer?["rejected"]?.AsArray().Count ?? 0;
        int told = ((int?)answer?["accepted"] ?? 0) + ((int?)answer?["duplicates"] ?? 0);
        return status == HttpStatusCode.OK && rejected == 0 && told == events ? null : $"a batch of {events} events was answered with {(int)status} {text}";
    }
}
