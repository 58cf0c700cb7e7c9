namespace OrleansSegments.Engine.Events;

/// <summary>Layout of a facts blob, little-endian: version (1 byte, 3 unused), events (4), layout hash (8); then per event: message key (8),
/// time (8), bytes that follow (4), traits (2), facts (2), the traits (name length 1, value length 2, name, value), the facts
/// (cell 2; then 8 bytes of value, unless the flag in the cell says that it is 1).</summary>
internal static class FactsFormat
{
    public const byte Version = 1;
    public const int HeaderBytes = 16;
    public const int EventHeaderBytes = 24;
    public const int ValueIsOne = 0x8000;
    public const int TraitHeaderBytes = 3;
}
