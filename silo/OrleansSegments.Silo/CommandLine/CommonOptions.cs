using System.CommandLine;
using System.Net;

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

/// <summary>Checks where the API is asked to listen, before anything is opened for it.</summary>
internal static class ListenAddresses
{
    private const string Cure = "Name addresses such as http://127.0.0.1:8080, several separated by semicolons.";

    /// <summary>What is wrong with the addresses, and the cure; null if nothing is.</summary>
    public static string? ProblemOf(string urls)
    {
        string[] addresses = urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return addresses.Length == 0 ? $"--urls is empty. {Cure}" : addresses.Select(ProblemOfOne).FirstOrDefault(problem => problem is not null);
    }

    private static string? ProblemOfOne(string address)
    {
        BindingAddress parsed;
        try
        {
            parsed = BindingAddress.Parse(address);
        }
        catch (FormatException)
        {
            return $"--urls {address}: this is no address. {Cure}";
        }

        return parsed switch
        {
            { Scheme: not ("http" or "https") } => $"--urls {address}: the scheme is {parsed.Scheme}; it must be http or https. {Cure}",
            { IsUnixPipe: true } => null,
            { PathBase.Length: > 0 } => $"--urls {address}: an address has no path; leave {parsed.PathBase} out.",
            { Host: var host } when !IsListenable(host) =>
                $"--urls {address}: {host} is neither an IP address nor localhost nor * (every address of this machine). {Cure}",
            { Port: < 0 or > 65_535 } => $"--urls {address}: the port is {parsed.Port}; it must be 0 to 65535, where 0 lets the system pick one. {Cure}",
            { Host: "localhost", Port: 0 } => $"--urls {address}: the system picks a port for an IP address only; name 127.0.0.1 instead of localhost.",
            _ => null,
        };
    }

    /// <summary>Of any other host the server would make every address of this machine; of one with a mistyped port in it, on port 80.</summary>
    private static bool IsListenable(string host) => host is "localhost" or "*" or "+" || IPAddress.TryParse(host, out _);
}
