using System.Text;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace OrleansSegments.CrashTests.Bus;

/// <summary>A broker as used by a service that knows neither MassTransit nor our types: it publishes JSON and listens to exchanges. Connections come back by themselves.</summary>
public sealed class BrokerClient : IAsyncDisposable
{
    private readonly IConnection _connection;
    private readonly IChannel _channel;

    private BrokerClient(IConnection connection, IChannel channel)
    {
        _connection = connection;
        _channel = channel;
    }

    public static async Task<BrokerClient> ConnectAsync(Uri address)
    {
        var factory = new ConnectionFactory { Uri = address, NetworkRecoveryInterval = TimeSpan.FromMilliseconds(500) };
        IConnection connection = await factory.CreateConnectionAsync();
        return new BrokerClient(connection, await connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true)));
    }

    /// <summary>Completes when the broker has the message on its disk.</summary>
    public Task PublishAsync(string queue, string body, string? contentType = "application/json", string? messageId = null) =>
        PublishAsync(queue, Encoding.UTF8.GetBytes(body), contentType, messageId);

    public async Task PublishAsync(string queue, ReadOnlyMemory<byte> body, string? contentType = "application/json", string? messageId = null) =>
        await _channel.BasicPublishAsync("", queue, mandatory: true, new BasicProperties { Persistent = true, ContentType = contentType, MessageId = messageId }, body);

    public async Task<bool> HasQueueAsync(string queue)
    {
        // The broker closes a channel that asks for what does not exist.
        await using IChannel channel = await _connection.CreateChannelAsync();
        try
        {
            await channel.QueueDeclarePassiveAsync(queue);
            return true;
        }
        catch (OperationInterruptedException)
        {
            return false;
        }
    }

    /// <summary>Messages in a queue that nobody has been given.</summary>
    public Task<uint> CountAsync(string queue) => _channel.MessageCountAsync(queue);

    /// <summary>Takes every message out of a queue: its body and its headers as text.</summary>
    public async Task<List<(string Body, Dictionary<string, string> Headers)>> TakeAllAsync(string queue)
    {
        var taken = new List<(string, Dictionary<string, string>)>();
        while (await _channel.BasicGetAsync(queue, autoAck: true) is { } message)
        {
            taken.Add((
                Encoding.UTF8.GetString(message.Body.Span),
                (message.BasicProperties.Headers ?? new Dictionary<string, object?>()).ToDictionary(x => x.Key, x => x.Value is byte[] text ? Encoding.UTF8.GetString(text) : $"{x.Value}")));
        }

        return taken;
    }

    /// <summary>Listens to an exchange with a durable queue of this name, which keeps messages while this client is away.</summary>
    /// <param name="hear">Is told the body of every message, one after the other.</param>
    public async Task ListenAsync(string exchange, string queue, Action<string> hear)
    {
        await _channel.ExchangeDeclareAsync(exchange, ExchangeType.Fanout, durable: true);
        await _channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false);
        await _channel.QueueBindAsync(queue, exchange, "");
        var consumer = new AsyncEventingBasicConsumer(_channel);
        consumer.ReceivedAsync += async (_, message) =>
        {
            hear(Encoding.UTF8.GetString(message.Body.Span));
            await _channel.BasicAckAsync(message.DeliveryTag, multiple: false);
        };
        await _channel.BasicConsumeAsync(queue, autoAck: false, consumer);
    }

    public async ValueTask DisposeAsync()
    {
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
    }
}
