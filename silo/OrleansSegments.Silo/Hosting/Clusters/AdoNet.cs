namespace OrleansSegments.Silo.Hosting;

/// <summary>Names by which the AdoNet providers are told what to use.</summary>
internal static class AdoNet
{
    /// <summary>The providers' word for PostgreSQL.</summary>
    public const string Invariant = "Npgsql";
}
