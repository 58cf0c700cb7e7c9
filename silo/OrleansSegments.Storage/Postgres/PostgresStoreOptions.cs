using System.ComponentModel.DataAnnotations;
using Npgsql;
using OrleansSegments.Storage.Commits;

namespace OrleansSegments.Storage.Postgres;

/// <summary>Which PostgreSQL schema holds the store, and how much may wait for it.</summary>
public sealed class PostgresStoreOptions : IValidatableObject
{
    /// <summary>Connections that are no reader's: the one that owns the schema and the one that reads the totals.</summary>
    internal const int OwnConnections = 2;

    private static readonly TimeSpan SilenceMargin = TimeSpan.FromSeconds(2);

    /// <summary>How to reach the database: <c>Host=...;Port=5432;Database=...;Username=...;Password=...</c></summary>
    [Required(AllowEmptyStrings = false)]
    public string ConnectionString { get; set; } = "";

    /// <summary>The schema that holds the tables. It is made when it is missing.</summary>
    [RegularExpression("^[a-z_][a-z0-9_]{0,62}$", ErrorMessage = "The field {0} must be 1 to 63 small letters, digits and underscores, and not begin with a digit.")]
    public string Schema { get; set; } = "segments";

    /// <summary>The most connections to the database, all kinds together.</summary>
    [Range(4, 1_000)]
    public int ConnectionsMax { get; set; } = 20;

    /// <summary>Commits that are made side by side, each on a connection of its own; a customer's changes all take the same.</summary>
    [Range(1, 16)]
    public int CommitLanes { get; set; } = 2;

    /// <summary>Commits of a lane begin 5 ms apart: with 15 ms a silo took a fifth less processor time and the p99 rose from 65 to 91 ms.</summary>
    internal CommitLimits CommitLimits { get; set; } = new(TimeSpan.FromMilliseconds(5));

    /// <summary>How often the totals are read again, so that other silos' commits are noticed: sizes are that old at most, for five short queries a second.</summary>
    internal TimeSpan TotalsInterval { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How often the earliest deadline is read again. Customers who are due are served within seconds; this is the second that the store takes of it.</summary>
    internal TimeSpan DeadlinesInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long the server may take to answer a statement, whole seconds; after it the connection is closed and the store counts as unavailable.
    /// Below the 30 s after which a grain call times out, so that callers learn why.
    /// </summary>
    internal TimeSpan CommandTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long making a connection may take, whole seconds: enough for a server under load that can be reached at all.</summary>
    internal TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>How long closing may take to commit what waits; what is left is answered as unavailable. Less than deploy/ gives a process to stop.</summary>
    internal TimeSpan CloseTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// For so long a commit or a read may take in all: to connect, and for three statements in a row. The driver has ended them by then. If it
    /// has not, it never will by itself, and the watchdog answers for it.
    /// </summary>
    internal TimeSpan SilenceMax => (2 * ConnectTimeout) + (3 * CommandTimeout) + SilenceMargin;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (ConnectionsMax < CommitLanes + OwnConnections + 1)
        {
            yield return new ValidationResult(
                $"ConnectionsMax is {ConnectionsMax}; it must be at least {CommitLanes + OwnConnections + 1}: one for each of the {CommitLanes} "
                + $"CommitLanes, {OwnConnections} for ownership and totals, and one to read.",
                [nameof(ConnectionsMax)]);
        }

        if (ProblemOfConnectionString() is { } problem)
        {
            yield return new ValidationResult(problem, [nameof(ConnectionString)]);
        }
    }

    // The text itself is never repeated: it may hold the password.
    private string? ProblemOfConnectionString()
    {
        const string Cure = "Write it as Host=db.example.org;Port=5432;Database=segments;Username=segments;Password=...";
        try
        {
            return string.IsNullOrWhiteSpace(new NpgsqlConnectionStringBuilder(ConnectionString).Host) ? $"ConnectionString names no Host. {Cure}" : null;
        }
        catch (Exception problem) when (problem is ArgumentException or FormatException or InvalidCastException)
        {
            return $"ConnectionString cannot be read: {problem.Message}. {Cure}";
        }
    }
}
