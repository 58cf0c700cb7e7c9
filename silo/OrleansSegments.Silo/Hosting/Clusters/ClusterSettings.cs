using System.ComponentModel.DataAnnotations;
using Npgsql;
using OrleansSegments.Storage.Postgres;

namespace OrleansSegments.Silo.Hosting;

/// <summary>The cluster settings of a silo or of a separate client API.</summary>
internal sealed class ClusterSettings : IValidatableObject
{
    public const string Section = "Cluster";

    private const string NamePattern = "^[A-Za-z0-9._-]{1,150}$";

    /// <summary>Silos with the same id in the same schema form a cluster.</summary>
    [RegularExpression(NamePattern, ErrorMessage = "The field {0} must be 1 to 150 letters, digits, dots, dashes and underscores.")]
    public string Id { get; set; } = "segments";

    /// <summary>Identifies the owner of the reminders. Stays the same when the cluster's id changes.</summary>
    [RegularExpression(NamePattern, ErrorMessage = "The field {0} must be 1 to 150 letters, digits, dots, dashes and underscores.")]
    public string ServiceId { get; set; } = "segments";

    /// <summary>Port for other silos.</summary>
    [Range(1, 65_535)]
    public int SiloPort { get; set; } = 11_111;

    /// <summary>Port for separate client APIs; 0 for none.</summary>
    [Range(0, 65_535)]
    public int GatewayPort { get; set; } = 30_000;

    /// <summary>The IP address at which other processes reach this silo. It also listens there, unless <see cref="ListenOnAny"/>.</summary>
    public string Advertise { get; set; } = "127.0.0.1";

    /// <summary>Listens on every address of the machine; needed in a container whose own address is not the advertised one.</summary>
    public bool ListenOnAny { get; set; }

    /// <summary>A PKCS#12 file with certificate and key; with it silos and clients accept only TLS.</summary>
    public string? TlsCertificate { get; set; }

    /// <summary>Password of that file.</summary>
    public string? TlsPassword { get; set; }

    /// <summary>A PEM file with the certificate authority that must have issued the certificates of all silos and clients.</summary>
    public string? TlsAuthority { get; set; }

    /// <summary>Allows ports beyond loopback without TLS, for a network that nobody else can reach.</summary>
    public bool AllowPlaintext { get; set; }

    /// <summary>How long a stopping silo keeps serving after it reports "not ready", so that a load balancer can react.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan DrainTime { get; set; } = TimeSpan.Zero;

    /// <summary>True when other machines can reach the ports.</summary>
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
                "TlsCertificate and TlsAuthority must be set together: this process's certificate, and the authority that issued those of the others.", [nameof(TlsAuthority)]);
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
                $"Anyone who reaches the ports of a silo has full access, and {(ListenOnAny ? "every address of this machine" : Advertise)} is beyond loopback. "
                + "Set TlsCertificate and TlsAuthority; or, if nobody else can reach the network, allow plaintext.",
                [nameof(AllowPlaintext)]);
        }
    }
}

/// <summary>A cluster and the schema in which its silos find each other.</summary>
/// <param name="ConnectionString">Connection to the schema that also holds the customers.</param>
/// <param name="Where">Host, port and schema, for messages; never the password.</param>
internal sealed record ClusterPlace(ClusterSettings Settings, string ConnectionString, string Where)
{
    /// <summary>The providers query rarely: membership every few seconds, reminders and control state on change.</summary>
    private const int ConnectionsMax = 10;

    public static ClusterPlace Read(IConfiguration configuration, StoreArguments store, Action<ClusterSettings> overrule)
    {
        if (store.Folder is not null)
        {
            throw new CommandException($"--data {store.Folder} names a folder, but the silos of a cluster share a database. Name it with --connection.");
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
