using OrleansSegments.Storage.Customers;
using Xunit;

namespace OrleansSegments.ClusterTests.Storage.Oracles;

/// <summary>Compares records by what is in them.</summary>
internal static class Records
{
    public static void AssertSame(CustomerRecord expected, CustomerRecord? actual, string moment = "") => Assert.True(
        actual is not null && expected.State.AsSpan().SequenceEqual(actual.State) && expected with { State = actual.State } == actual,
        $"{actual} is there instead of {expected}. {moment}");
}
