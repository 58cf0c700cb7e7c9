using Orleans;

namespace OrleansSegments.RuntimeTests.Grains;

/// <summary>A grain with stored state.</summary>
[Alias("test-notebook")]
public interface INotebookGrain : IGrainWithStringKey
{
    [Alias("write")]
    Task Write(string line);

    [Alias("read")]
    Task<string[]> Read();

    [Alias("clear")]
    Task Clear();

    [Alias("deactivate")]
    Task Deactivate();
}
