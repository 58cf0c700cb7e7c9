using System.Buffers;
using System.Text.Json;
using OrleansSegments.Simulator;
using Xunit;

namespace OrleansSegments.UnitTests.Simulator;

public sealed class SegmentJsonTests
{
    private static readonly SimulationOptions Options = new() { Customers = 1500, Days = 20, Seed = 3 };

    [Fact]
    public void Every_line_is_a_valid_event_of_the_Segment_spec()
    {
        var kinds = new HashSet<string>(StringComparer.Ordinal);
        foreach (SimulatedEvent simulated in new SimulationPartition(Options).Events())
        {
            var line = new ArrayBufferWriter<byte>();
            SegmentJson.WriteSegmentLine(simulated, line);
            Assert.Equal((byte)'\n', line.WrittenSpan[^1]);
            Assert.Equal(1, line.WrittenSpan.Count((byte)'\n'));
            using JsonDocument json = JsonDocument.Parse(line.WrittenMemory);
            JsonElement root = json.RootElement;
            Assert.Equal(simulated.CustomerId, root.GetProperty("userId").GetString());
            Assert.Equal(simulated.MessageId.ToString(), root.GetProperty("messageId").GetString());
            Assert.Equal(simulated.OccurredAt, root.GetProperty("timestamp").GetDateTimeOffset());
            Assert.Equal("orleans-segments-simulator", root.GetProperty("context").GetProperty("library").GetProperty("name").GetString());
            Assert.Equal(2, root.GetProperty("context").GetProperty("location").GetProperty("country").GetString()!.Length);
            string type = root.GetProperty("type").GetString()!;
            AssertShape(type, root, simulated);
            kinds.Add($"{type} {simulated.Name}");
        }

        Assert.Equal(14, kinds.Count);
    }

    [Fact]
    public void Orders_add_up()
    {
        int orders = 0;
        foreach (SimulatedEvent order in new SimulationPartition(Options).Events().Where(e => e.Name == EventNames.OrderCompleted))
        {
            using JsonDocument json = JsonDocument.Parse(order.Properties);
            JsonElement root = json.RootElement;
            decimal items = root.GetProperty("products").EnumerateArray().Sum(p => p.GetProperty("price").GetDecimal() * p.GetProperty("quantity").GetInt32());
            Assert.Equal(items, root.GetProperty("subtotal").GetDecimal());
            Assert.Equal(items - root.GetProperty("discount").GetDecimal(), root.GetProperty("total").GetDecimal());
            Assert.Equal(root.TryGetProperty("coupon", out _), root.GetProperty("discount").GetDecimal() > 0);
            orders++;
        }

        Assert.True(orders > 500, $"only {orders} orders");
    }

    [Fact]
    public void An_event_of_the_spec_s_size_limit_is_far_away()
    {
        int largest = new SimulationPartition(Options).Events().Max(e => e.Properties.Length + e.Context.Length);
        Assert.InRange(largest, 1, 4096);
    }

    private static void AssertShape(string type, JsonElement root, SimulatedEvent simulated)
    {
        switch (simulated.Type)
        {
            case SimulatedEventType.Identify:
                Assert.Equal("identify", type);
                AssertTraits(root.GetProperty("traits"));
                break;
            case SimulatedEventType.Page:
                Assert.Equal("page", type);
                Assert.Equal(simulated.Name, root.GetProperty("name").GetString());
                Assert.Equal(JsonValueKind.Object, root.GetProperty("properties").ValueKind);
                break;
            default:
                Assert.Equal("track", type);
                Assert.Equal(simulated.Name, root.GetProperty("event").GetString());
                Assert.Equal(JsonValueKind.Object, root.GetProperty("properties").ValueKind);
                break;
        }
    }

    private static void AssertTraits(JsonElement traits)
    {
        Assert.InRange(traits.GetProperty("age").GetInt32(), 18, 95);
        Assert.InRange(traits.GetProperty("household_size").GetInt32(), 1, 5);
        Assert.InRange(traits.GetProperty("price_sensitivity").GetDouble(), 0, 1);
        Assert.InRange(traits.GetProperty("eco_interest").GetDouble(), 0, 1);
        Assert.True(traits.GetProperty("createdAt").GetDateTimeOffset() <= Options.Start);
        Assert.True(traits.GetProperty("gender").GetString() is "female" or "male");
        Assert.True(traits.GetProperty("area").GetString() is "urban" or "rural");
        Assert.True(traits.GetProperty("newsletter").ValueKind is JsonValueKind.True or JsonValueKind.False);
        Assert.Equal(2, traits.GetProperty("address").GetProperty("country").GetString()!.Length);
    }
}
