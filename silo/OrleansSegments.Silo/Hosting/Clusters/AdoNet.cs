namespace OrleansSegments.Silo.Hosting;

/// <summary>Names by which the AdoNet providers are told what to use.</summary>
internal static class AdoNet
{
    /// <summary>The providers' word for PostgreSQL.</summary>
    public const string Invariant = "Npgsql";

    /// <summary>The provider under <see cref="NamedGrainStorage"/>.</summary>
    public const string GrainStorage = "documents";
}
