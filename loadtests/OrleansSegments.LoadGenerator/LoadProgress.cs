namespace OrleansSegments.LoadGenerator;

/// <summary>Where a run stands, told about once a second.</summary>
/// <param name="Elapsed">Since the start.</param>
/// <param name="EventsSent">In requests begun so far.</param>
/// <param name="EventsAccepted">In requests answered with success.</param>
/// <param name="BehindSchedule">By how much the last batch was sent later than intended.</param>
/// <param name="LatencyP99">Over the whole run so far.</param>
public readonly record struct LoadProgress(TimeSpan Elapsed, long EventsSent, long EventsAccepted, TimeSpan BehindSchedule, TimeSpan LatencyP99);
