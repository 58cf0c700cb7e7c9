namespace OrleansSegments.Storage.Unmerged;

/// <summary>Where a sort finds the UTF-8 bytes of the id that a number stands for.</summary>
internal interface IIdSource
{
    ReadOnlySpan<byte> IdOf(int item);
}
