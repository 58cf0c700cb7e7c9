using Orleans;

namespace OrleansSegments.RuntimeTests.Grains;

[GenerateSerializer]
[Alias("test-notebook-state")]
public sealed class NotebookState
{
    [Id(0)]
    public List<string> Lines { get; set; } = [];
}
