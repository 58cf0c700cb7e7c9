using System.Text.Json;
using Orleans.Storage;

namespace OrleansSegments.Silo.Hosting;

/// <summary>Control state as plain JSON.</summary>
internal sealed class ControlStateSerializer : IGrainStorageSerializer
{
    public BinaryData Serialize<T>(T? input) => new(JsonSerializer.SerializeToUtf8Bytes(input));

    public T Deserialize<T>(BinaryData input) => JsonSerializer.Deserialize<T>(input.ToMemory().Span)!;
}
