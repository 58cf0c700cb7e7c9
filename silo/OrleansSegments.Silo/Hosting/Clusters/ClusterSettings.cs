using System.ComponentModel.DataAnnotations;
using Npgsql;
using OrleansSegments.Storage.Postgres;

namespace OrleansSegments.Silo.Hosting;

/// <summary>How a silo, or a client API of its own, is part of a cluster.</summary>
internal sealed class ClusterSettings : IValidatableObject
{
    public const string Section = "Cluster";

    private const string NamePattern = "^[A-Za-z0-9._-]{1,150}$";

    /// <summary>The silos that find each other: those with the same id in the same schema.</summary>
    [RegularExpression(NamePattern, ErrorMessage = "The field {0} must be 1 to 150 letters, digits, dots, dashes and underscores.")]
    public string Id { get; set; } = "segments";

    /// <summary>Whose reminders these are. It stays the same when the cluster's id changes.</summary>
    [RegularExpression(NamePattern, ErrorMessage = "The field {0} must be 1 to 150 letters, digits, dots, dashes and underscores.")]
    public string ServiceId { get; set; } = "segments";

    /// <summary>Where other silos reach this one.</summary>
    [Range(1, 65_535)]
    public int SiloPort { get; set; } = 11_111;

    /// <summary>Where client APIs of their own reach this silo; 0 for none.</summary>
    [Range(0, 65_535)]
    public int GatewayPort { get; set; } = 30_000;

    /// <summary>The IP address under which others reach this silo. It listens there too, unless <see cref="ListenOnAny"/>.</summary>
    public string Advertise { get; set; } = "127.0.0.1";

    /// <summary>Listens on every address of the machine, as a container needs whose own address is not the advertised one.</summary>
    public bool ListenOnAny { get; set; }

    /// <summary>A PKCS#12 file with certificate and key; with it silos and clients speak TLS and nothing else.</summary>
    public string? TlsCertificate { get; set; }

    /// <summary>The password of that file.</summary>
    public string? TlsPassword { get; set; }

    /// <summary>A PEM file with the authority that must have issued the certificates of all silos and clients.</summary>
    public string? TlsAuthority { get; set; }

    /// <summary>Allows ports beyond loopback without TLS, in a network where nobody else can reach them.</summary>
    public bool AllowPlaintext { get; set; }

    /// <summary>How long a silo that was told to stop still serves after it said that it is not ready, so that a load balancer can notice.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan DrainTime { get; set; } = TimeSpan.Zero;

    /// <summary>Whether other machines can reach the ports.</summary>
    internal bool IsBeyondLoopback => ListenOnAny || !System.Net.IPAddress.TryParse(Advertise, out var address) || !System.Net.IPAddress.IsLoopback(address);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!System.Net.IPAddress.TryParse(Advertise, out _))
        {
            yield return new ValidationResult($"Advertise is '{Advertise}'; it must be an IP address, 127.0.0.1 or this machine's.", [nameof(Advertise)]);
        }

        if (SiloPort == GatewayPort)
        {
            yield return new ValidationResult($"SiloPort and GatewayPort are both {SiloPort}; they must differ.", [nameof(GatewayPort)]);
        }

        if ((TlsCertificate is null) != (TlsAuthority is null))
        {
            yield return new ValidationResult(
                "TlsCertificate and TlsAuthority belong together: the certificate that is shown, and who must have issued those of the others.", [nameof(TlsAuthority)]);
        }

        foreach (string? file in new[] { TlsCertificate, TlsAuthority })
        {
            if (file is not null && !File.Exists(file))
            {
                yield return new ValidationResult($"{file} does not exist.", [file == TlsCertificate ? nameof(TlsCertificate) : nameof(TlsAuthority)]);
            }
        }

        if (IsBeyondLoopback && TlsCertificate is null && !AllowPlaintext)
        {
            yield return new ValidationResult(
                $"Whoever reaches the ports of a silo can do anything, and {(ListenOnAny ? "every address of this machine" : Advertise)} is beyond loopback. "
                + "Name TlsCertificate and TlsAuthority; or, where nobody else can reach the network, allow plaintext.",
                [nameof(AllowPlaintext)]);
        }
    }
}

/// <summary>A cluster and the schema through which its silos find each other.</summary>
/// <param name="ConnectionString">To the schema that also holds the customers.</param>
/// <param name="Where">Host, port and schema, for messages; never the password.</param>
internal sealed record ClusterPlace(ClusterSettings Settings, string ConnectionString, string Where)
{
    /// <summary>The providers ask rarely: membership every few seconds, reminders and control state when something changes.</summary>
    private const int ConnectionsMax = 10;

    public static ClusterPlace Read(IConfiguration configuration, StoreArguments store, Action<ClusterSettings> overrule)
    {
        if (store.Folder is not null)
        {
            throw new CommandException($"--data {store.Folder} names a folder, and the silos of a cluster share a database. Name it with --connection.");
        }

        var reader = new SettingsReader(configuration);
        ClusterSettings settings = reader.Read(ClusterSettings.Section, overrule);
        PostgresStoreOptions options = StoreSettings.ReadPostgres(reader, store);
        reader.ThrowIfAny();
        var connection = new NpgsqlConnectionStringBuilder(options.ConnectionString)
        {
            SearchPath = options.Schema,
            MaxPoolSize = ConnectionsMax,
            ApplicationName = "OrleansSegments cluster",
        };
        return new ClusterPlace(settings, connection.ConnectionString, $"{connection.Host}:{connection.Port}, schema {options.Schema}");
    }
}
