namespace Orleans.Runtime;

/// <summary>The identity of a grain: the name of its class and its key.</summary>
public readonly struct GrainId : IEquatable<GrainId>
{
    private readonly string _type;
    private readonly string _key;

    internal GrainId(string type, string key)
    {
        _type = type;
        _key = key;
    }

    public static bool operator ==(GrainId left, GrainId right) => left.Equals(right);

    public static bool operator !=(GrainId left, GrainId right) => !left.Equals(right);

    public bool Equals(GrainId other) => _type == other._type && _key == other._key;

    public override bool Equals(object? obj) => obj is GrainId other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(_type, _key);

    public override string ToString() => $"{_type}/{_key}";
}
