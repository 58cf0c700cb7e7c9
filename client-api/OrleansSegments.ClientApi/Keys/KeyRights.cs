namespace OrleansSegments.ClientApi.Keys;

/// <summary>What a key may do. An admin key has all of them.</summary>
[Flags]
internal enum KeyRights
{
    None = 0,
    Write = 1,
    Read = 2,
    Admin = 4,
}
