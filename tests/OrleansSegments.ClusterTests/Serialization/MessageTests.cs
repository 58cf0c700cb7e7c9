using System.Collections;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;
using OrleansSegments.Contracts.Customers;
using Xunit;

namespace OrleansSegments.ClusterTests.Serialization;

/// <summary>Every message survives Orleans' serializer unchanged, with all members set and with none.</summary>
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
    public void The_test_finds_messages() => Assert.True(Messages.Count > 20, $"only {Messages.Count} were found");
}

/// <summary>
/// Creates a message with a different value in every member, so that swapped members are detected, or one that is as empty as possible.
/// </summary>
internal static class SampleMessage
{
    private const int ArrayLength = 3;

    public static object Of(Type type, bool isFilled)
    {
        var number = 0;
        return Make(type, isFilled, ref number)!;
    }

    private static object? Make(Type type, bool isFilled, ref int number)
    {
        number++;
        if (Nullable.GetUnderlyingType(type) is { } inner)
            return isFilled ? Make(inner, isFilled, ref number) : null;
        if (type == typeof(ReadOnlyMemory<byte>))
            return new ReadOnlyMemory<byte>(isFilled ? [(byte)number, 0, 255] : []);
        if (type.IsArray)
            return MakeArray(type.GetElementType()!, isFilled, ref number);
        if (type.IsEnum)
            return Enum.GetValues(type).GetValue(isFilled ? Enum.GetValues(type).Length - 1 : 0);
        return Type.GetTypeCode(type) switch
        {
            TypeCode.String => isFilled ? $"text {number} \u00e9\u4e16\ud83d\ude00\0" : "",
            TypeCode.Boolean => isFilled,
            TypeCode.Double => isFilled ? number + 0.1 : 0.0,
            TypeCode.Single => isFilled ? number + 0.5f : 0f,
            TypeCode.Byte => (byte)(isFilled ? number : 0),
            TypeCode.Int32 => isFilled ? -number : 0,
            TypeCode.Int64 => isFilled ? long.MinValue + number : 0L,
            TypeCode.UInt64 => isFilled ? ulong.MaxValue - (ulong)number : 0UL,
            _ when type == typeof(DateTimeOffset) => isFilled ? new DateTimeOffset(2026, 1, 1, 2, 3, number % 60, TimeSpan.FromHours(5)) : default,
            _ when type == typeof(TimeSpan) => isFilled ? TimeSpan.FromTicks(number) : default,
            _ when type.IsGenericType => MakeDictionary(type, isFilled, ref number),
            _ => MakeRecord(type, isFilled, ref number),
        };
    }

    private static Array MakeArray(Type element, bool isFilled, ref int number)
    {
        var array = Array.CreateInstance(element, isFilled ? ArrayLength : 0);
        for (var i = 0; i < array.Length; i++)
            array.SetValue(Make(element, isFilled, ref number), i);
        return array;
    }

    private static object MakeDictionary(Type type, bool isFilled, ref int number)
    {
        var arguments = type.GetGenericArguments();
        if (arguments.Length != 2)
            throw new NotSupportedException($"{type} is a new kind of member; say here how to fill it.");
        var dictionary = (IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(arguments))!;
        for (var i = 0; isFilled && i < ArrayLength; i++)
            dictionary.Add(Make(arguments[0], isFilled, ref number)!, Make(arguments[1], isFilled, ref number));
        return dictionary;
    }

    private static object MakeRecord(Type type, bool isFilled, ref int number)
    {
        var constructor = type.GetConstructors().MaxBy(candidate => candidate.GetParameters().Length)!;
        var values = new object?[constructor.GetParameters().Length];
        for (var i = 0; i < values.Length; i++)
            values[i] = Make(constructor.GetParameters()[i].ParameterType, isFilled, ref number);
        return constructor.Invoke(values);
    }
}
