namespace OrleansSegments.Storage.Versions;

/// <summary>An id as every table here looks it up: encoded and hashed once.</summary>
internal readonly ref struct IdKey(ReadOnlySpan<byte> utf8, ulong hash)
{
    public ReadOnlySpan<byte> Utf8 { get; } = utf8;

    public ulong Hash { get; } = hash;
}
