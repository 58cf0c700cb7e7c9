using Orleans;

namespace OrleansSegments.RuntimeTests.Grains;

/// <summary>A grain with reminders; each tick notes "reminded:key".</summary>
[Alias("test-reminder")]
public interface IReminderGrain : IGrainWithStringKey
{
    [Alias("register")]
    Task Register(string name, TimeSpan dueTime, TimeSpan period);

    [Alias("unregister")]
    Task Unregister(string name);

    [Alias("names")]
    Task<string[]> Names();
}
