namespace OrleansSegments.Benchmarks.Contestants;

/// <summary>How long a start took, and each first answer after it.</summary>
internal sealed record RestartResult(TimeSpan Ready, IReadOnlyList<TimeSpan> Answers);
