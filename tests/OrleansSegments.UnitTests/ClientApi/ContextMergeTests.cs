using System.Text;
using OrleansSegments.ClientApi.Events;
using Xunit;

namespace OrleansSegments.UnitTests.ClientApi;

public sealed class ContextMergeTests
{
    [Theory]
    [InlineData("""{"a":1,"b":2}""", "", """{"a":1,"b":2}""")]
    [InlineData("""{"a":1,"b":2}""", "{}", """{"a":1,"b":2}""")]
    [InlineData("""{"a":1,"b":2}""", """{"a":9}""", """{"a":9,"b":2}""")]
    [InlineData("""{ "a" : {"x":[1,2]}, "b":2}""", """{"c":3 }""", """{"c":3 ,"a" : {"x":[1,2]},"b":2}""")]
    [InlineData("""{"a":1}""", """{"\u0061":9}""", """{"\u0061":9}""")]
    [InlineData("{}", """{"a":9}""", """{"a":9}""")]
    public void The_event_keeps_its_own_values_and_gets_the_missing_ones(string envelope, string own, string expected)
    {
        var merged = new ContextMerge(Encoding.UTF8.GetBytes(envelope)).Into(Encoding.UTF8.GetBytes(own));
        Assert.Equal(expected, Encoding.UTF8.GetString(merged.Span));
    }
}
