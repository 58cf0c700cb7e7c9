namespace OrleansSegments.EndToEndTests.Processes;

/// <summary>A command that ended, with all that it wrote.</summary>
internal sealed record FinishedCommand(string Command, int ExitCode, string Output, string Errors)
{
    /// <summary>The command failed, said these words on the error output, and wrote no stack trace and nothing else.</summary>
    public void AssertRefused(params string[] words)
    {
        Assert.True(ExitCode != 0, $"The exit code is 0. {this}");
        Assert.True(Output.Length == 0, $"A refusal belongs on the error output. {this}");
        Assert.All(words, word => Assert.True(Errors.Contains(word, StringComparison.OrdinalIgnoreCase), $"'{word}' is not said. {this}"));
        Assert.False(Errors.Contains("   at ", StringComparison.Ordinal), $"A stack trace helps nobody. {this}");
    }

    /// <summary>The command ended because of Ctrl-C: it says so, without a stack trace, and claims no result.</summary>
    public void AssertInterrupted()
    {
        Assert.True(ExitCode == 130, ToString());
        Assert.True(Output.Length == 0, $"There is no result. {this}");
        Assert.Contains("Interrupted", Errors, StringComparison.Ordinal);
        Assert.False(Errors.Contains("   at ", StringComparison.Ordinal), $"A stack trace helps nobody. {this}");
    }

    public void AssertSucceeded() => Assert.True(ExitCode == 0, ToString());

    public override string ToString() => $"'{Command}' ended with {ExitCode}.\nOutput:\n{Output}\nErrors:\n{Errors}";
}
