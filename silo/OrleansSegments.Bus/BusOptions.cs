using System.ComponentModel.DataAnnotations;

namespace OrleansSegments.Bus;

/// <summary>The connection to a message broker.</summary>
public sealed class BusOptions : IValidatableObject
{
    public const string Section = "Bus";

    internal const string RabbitMq = "rabbitmq";

    private const string Off = "off";

    private static readonly string[] Schemes = ["amqp", "amqps", "rabbitmq", "rabbitmqs"];

    /// <summary>off, or rabbitmq to take events from a queue and to publish changes.</summary>
    public string Transport { get; set; } = Off;

    /// <summary>The broker with its credentials and virtual host, amqp://user:password@host:port/vhost; amqps for TLS.</summary>
    public string Address { get; set; } = "amqp://guest:guest@localhost:5672/";

    /// <summary>The queue from which events are taken; it is made when it does not exist. Messages that can never be taken go to the queue of this name with _error behind it.</summary>
    [Required, StringLength(200, MinimumLength = 1)]
    public string Queue { get; set; } = "segments-events";

    /// <summary>Messages that a silo takes from the queue before it has acknowledged earlier ones. They are read at the same time, so that their events share commits.</summary>
    [Range(1, 10_000)]
    public int PrefetchMessages { get; set; } = 200;

    /// <summary>Changes that are published at once; the next follow when the broker has confirmed these.</summary>
    [Range(1, 1_000)]
    public int PublishedAtOnceMax { get; set; } = 500;

    /// <summary>Makes the queue a quorum queue, which a cluster of brokers keeps on several nodes. A queue that exists keeps its kind: delete it first.</summary>
    public bool QuorumQueue { get; set; }

    /// <summary>The exchange to which the broker sends messages of the queue that expire or are dropped; empty for none.</summary>
    [StringLength(200)]
    public string DeadLetterExchange { get; set; } = "";

    internal bool IsOn => Transport == RabbitMq;

    /// <summary>The address without credentials.</summary>
    internal string Shown => new UriBuilder(Address) { UserName = "", Password = "" }.Uri.ToString();

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Transport is not (Off or RabbitMq))
        {
            yield return new ValidationResult($"Transport is {Transport}; it must be {Off} or {RabbitMq}.", [nameof(Transport)]);
        }

        if (!Uri.TryCreate(Address, UriKind.Absolute, out Uri? uri) || !Schemes.Contains(uri.Scheme))
        {
            // Without the value: it may hold a password.
            yield return new ValidationResult("Address must be an address such as amqp://user:password@host:5672/ or amqps://user:password@host:5671/vhost.", [nameof(Address)]);
        }
    }
}
