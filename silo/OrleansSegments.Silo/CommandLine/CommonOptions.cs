using System.CommandLine;

namespace OrleansSegments.Silo.CommandLine;

/// <summary>Options that mean the same in every command that has them.</summary>
internal static class CommonOptions
{
    public static StoreOptions Store(string folderDescription) => new(folderDescription);

    public static Option<string> Urls()
    {
        var urls = new Option<string>("--urls")
        {
            Description = "Where the HTTP API listens.",
            HelpName = "URL",
            DefaultValueFactory = _ => "http://127.0.0.1:8080",
        };
        urls.Validators.Add(result =>
        {
            if (ListenAddresses.ProblemOf(result.GetValueOrDefault<string>() ?? "") is { } problem)
            {
                result.AddError(problem);
            }
        });
        return urls;
    }

    public static Option<string?> Features() => new("--features")
    {
        Description = "A feature catalogue instead of the built-in retail one.",
        HelpName = "FILE",
    };

    public static Option<bool> Json() => new("--json") { Description = "Print the summary as JSON on the standard output; everything else goes to the error output." };
}
