using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansSegments.Silo.Hosting;
using Xunit;

namespace OrleansSegments.ClusterTests.Hosting;

public sealed class LineFormatterTests
{
    [Fact]
    public void A_warning_is_one_line_with_the_exception_messages_and_no_stack_trace() =>
        Assert.Equal("warn: Some.Category[7] The store is away: outer <- inner", Written(LogLevel.Warning).TrimEnd());

    [Theory]
    [InlineData(LogLevel.Error)]
    [InlineData(LogLevel.Debug)]
    public void An_error_is_logged_with_its_stack_trace_on_one_line(LogLevel level)
    {
        string written = Written(level).TrimEnd();
        Assert.Contains(" at " + typeof(LineFormatterTests).FullName, written, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', written);
    }

    private static string Written(LogLevel level)
    {
        using var output = new StringWriter();
        new LineFormatter().Write(new LogEntry<string>(level, "Some.Category", new EventId(7), "The store\nis away", Thrown(), (state, _) => state), null, output);
        return output.ToString();
    }

    private static InvalidOperationException Thrown()
    {
        try
        {
            throw new InvalidOperationException("outer", new IOException("inner"));
        }
        catch (InvalidOperationException thrown)
        {
            return thrown;
        }
    }
}
