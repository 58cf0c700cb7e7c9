using Orleans;
using Orleans.Runtime;

namespace OrleansSegments.RuntimeTests.Grains;

public sealed class NotebookGrain([PersistentState("notebook", "test")] IPersistentState<NotebookState> state) : Grain, INotebookGrain
{
    public Task Write(string line)
    {
        state.State.Lines.Add(line);
        return state.WriteStateAsync();
    }

    public Task<string[]> Read() => Task.FromResult(state.State.Lines.ToArray());

    public Task Clear() => state.ClearStateAsync();

    public Task Deactivate()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }
}
