namespace OrleansSegments.Storage.Versions;

/// <summary>A few ids of different customers that are looked up together.</summary>
internal interface IIdKeys
{
    int Count { get; }

    ulong HashAt(int index);

    IdKey KeyAt(int index);
}
