using System.ComponentModel.DataAnnotations;

namespace OrleansSegments.Silo.Hosting;

/// <summary>Which kind of store a silo opens.</summary>
internal sealed class StoreSelectionOptions
{
    public const string Sqlite = "sqlite";
    public const string Postgresql = "postgresql";

    /// <summary>Where customers are kept: sqlite (files in a data folder) or postgresql (a schema of a database).</summary>
    [RegularExpression($"{Sqlite}|{Postgresql}", ErrorMessage = $"The field {{0}} must be {Sqlite} or {Postgresql}.")]
    public string Provider { get; set; } = Sqlite;
}
