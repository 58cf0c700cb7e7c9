using System.CommandLine;

namespace OrleansSegments.Silo.CommandLine;

/// <summary>Options that mean the same in every command that has them.</summary>
internal static class CommonOptions
{
    private const string DefaultUrls = "http://127.0.0.1:8080";

    public static StoreOptions Store(string folderDescription) => new(folderDescription);

    public static Option<string> Urls() => new("--urls")
    {
        Description = "Where the HTTP API listens; several are separated by semicolons.",
        HelpName = "URL",
        DefaultValueFactory = _ => DefaultUrls,
        CustomParser = result =>
        {
            if (ListenAddresses.ProblemOf(result.Tokens[0].Value) is { } problem)
            {
                result.AddError(problem);
            }

            return result.Tokens[0].Value;
        },
    };

    /// <param name="otherwise">The address when none is named.</param>
    public static Option<Uri?> ApiUrl(string about, Uri? otherwise) => new("--url")
    {
        Description = about,
        HelpName = "URL",
        DefaultValueFactory = _ => otherwise,
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https")
            {
                return url;
            }

            result.AddError($"--url {text}: this is no address of an API; name one such as http://127.0.0.1:8080.");
            return null;
        },
    };

    public static Option<string?> Features() => OptionValues.Text("--features", "A feature catalogue instead of the built-in retail one.", "FILE");

    public static Option<bool> Json() => new("--json") { Description = "Print the summary as JSON on the standard output; everything else goes to the error output." };
}
