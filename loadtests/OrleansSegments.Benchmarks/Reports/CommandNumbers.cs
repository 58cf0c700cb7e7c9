using System.CommandLine;

namespace OrleansSegments.Benchmarks.Reports;

/// <summary>Whole numbers on the command line, with their range in the help and in the message of a wrong one.</summary>
internal static class CommandNumbers
{
    public static Option<int> Option(string name, string about, int otherwise, int least, int most)
    {
        var option = new Option<int>(name) { Description = $"{about} {least} to {most}.", DefaultValueFactory = _ => otherwise };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is var value && (value < least || value > most))
            {
                result.AddError($"{name} is {value}; it must be {least} to {most}.");
            }
        });
        return option;
    }
}
