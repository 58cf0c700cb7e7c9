using Orleans;
using Orleans.Concurrency;

namespace OrleansSegments.RuntimeTests.Grains;

/// <summary>A grain whose answer comes from elsewhere and needs no more of it.</summary>
[Alias("test-answer")]
public interface IAnswerGrain : IGrainWithStringKey
{
    /// <summary>Answers with the number once the gate is open.</summary>
    [AlwaysInterleave, Alias("later")]
    ValueTask<int> Later(string gate, int number);

    [AlwaysInterleave, Alias("leave")]
    ValueTask Leave();
}
