using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;
using OrleansSegments.Contracts.Customers;
using Xunit;

namespace OrleansSegments.ClusterTests.Serialization;

/// <summary>Every message goes through Orleans' serializer and comes out the same, with each of its members filled and with none.</summary>
public sealed class MessageTests
{
    public static TheoryData<Type> Messages =>
        [.. typeof(ICustomerGrain).Assembly.GetExportedTypes().Where(type => type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false))];

    [Theory]
    [MemberData(nameof(Messages))]
    public void A_message_comes_out_as_it_went_in(Type message)
    {
        using var services = new ServiceCollection().AddSerializer().BuildServiceProvider();
        var serializer = services.GetRequiredService<Serializer>();
        foreach (var isFilled in new[] { true, false })
        {
            var sent = SampleMessage.Of(message, isFilled);
            var received = serializer.Deserialize<object>(serializer.SerializeToArray(sent));

            Assert.IsType(message, received);
            Assert.Equal(JsonSerializer.Serialize(sent, message), JsonSerializer.Serialize(received, message));
        }
    }

    [Fact]
    public void There_are_messages_to_try() => Assert.True(Messages.Count > 20, $"only {Messages.Count} were found");
}
