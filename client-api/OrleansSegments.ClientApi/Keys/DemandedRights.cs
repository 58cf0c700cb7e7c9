namespace OrleansSegments.ClientApi.Keys;

/// <summary>Endpoint metadata: the right a key needs here.</summary>
internal sealed record DemandedRights(KeyRights Rights);
