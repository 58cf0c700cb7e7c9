using System.Text.Json;
using Orleans.Runtime;

namespace OrleansSegments.LocalRuntime.State;

/// <summary>The state of one activation, as JSON in an <see cref="IGrainStateStore"/>. The grain's turns are its only users.</summary>
internal sealed class PersistentState<TState>(GrainStateKey key, IGrainStateStore store, JsonSerializerOptions json)
    : IPersistentState<TState>, IReadableState
{
    public TState State { get; set; } = Activator.CreateInstance<TState>();

    public string? Etag { get; private set; }

    public bool RecordExists { get; private set; }

    public Task ReadStateAsync() => ReadStateAsync(CancellationToken.None);

    public Task WriteStateAsync() => WriteStateAsync(CancellationToken.None);

    public Task ClearStateAsync() => ClearStateAsync(CancellationToken.None);

    public async Task ReadStateAsync(CancellationToken cancellationToken)
    {
        var stored = await store.ReadAsync(key, cancellationToken);
        State = stored is null
            ? Activator.CreateInstance<TState>()
            : JsonSerializer.Deserialize<TState>(stored.Json.Span, json)
                ?? throw new OrleansException($"{key} holds a JSON null; delete that record or write a document.");
        Etag = stored?.Etag;
        RecordExists = stored is not null;
    }

    public async Task WriteStateAsync(CancellationToken cancellationToken)
    {
        var document = JsonSerializer.SerializeToUtf8Bytes(State, json);
        Etag = await store.WriteAsync(key, document, Etag, cancellationToken);
        RecordExists = true;
    }

    public async Task ClearStateAsync(CancellationToken cancellationToken)
    {
        await store.ClearAsync(key, Etag, cancellationToken);
        State = Activator.CreateInstance<TState>();
        Etag = null;
        RecordExists = false;
    }
}
