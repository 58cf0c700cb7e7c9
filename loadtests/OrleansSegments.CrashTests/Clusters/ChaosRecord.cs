using OrleansSegments.CrashTests.Checks;

namespace OrleansSegments.CrashTests.Clusters;

/// <summary>One blow and what was found after it.</summary>
/// <param name="FirstEvents">From the blow until every probed customer had an event accepted, those of the silo that is gone included.</param>
/// <param name="Whole">From the blow until all silos and the API were ready again.</param>
/// <param name="Refusals">Answers 429 and 503 with Retry-After meanwhile.</param>
/// <param name="Unanswered">Requests without an answer meanwhile.</param>
/// <param name="Findings">What is wrong.</param>
public sealed record ChaosRecord(
    int Number,
    ChaosMoment Moment,
    long EventsAcknowledged,
    TimeSpan FirstEvents,
    TimeSpan Whole,
    int Refusals,
    int Unanswered,
    int Customers,
    int Transitions,
    Findings Findings)
{
    public override string ToString() =>
        $"{Number,3}  {Moment,-17}  {EventsAcknowledged,8:N0} events acknowledged, everybody served after {FirstEvents.TotalSeconds,5:N1} s, whole after {Whole.TotalSeconds,5:N1} s, "
        + $"{Refusals} refused, {Unanswered} unanswered, {Customers:N0} customers and {Transitions:N0} transitions checked, wrong: {Findings.Summary()}";
}
