using Orleans;

namespace OrleansSegments.RuntimeTests.Grains;

/// <summary>A grain keyed by GUID with methods that return value tasks, some of which end at once and some later.</summary>
[Alias("test-value")]
public interface IValueGrain : IGrainWithGuidKey
{
    [Alias("key")]
    ValueTask<Guid> Key(bool later);

    [Alias("touch")]
    ValueTask Touch(bool later);

    [Alias("sum")]
    ValueTask<long> Sum(int a, long b, CancellationToken cancellationToken);
}
