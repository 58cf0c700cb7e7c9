using System.ComponentModel.DataAnnotations;

namespace OrleansSegments.Silo.Hosting;

/// <summary>Which kind of store a silo opens.</summary>
internal sealed class StoreSelectionOptions
{
    public const string Embedded = "embedded";
    public const string Postgresql = "postgresql";

    /// <summary>Where customers are kept: embedded (files in a data folder) or postgresql (a schema of a database).</summary>
    [RegularExpression($"{Embedded}|{Postgresql}", ErrorMessage = $"The field {{0}} must be {Embedded} or {Postgresql}.")]
    public string Provider { get; set; } = Embedded;
}
