using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;

namespace OrleansSegments.Silo.CommandLine;

/// <summary>
/// Options that check their value while they read it. A wrong one is refused in a line with the value and the rule, and everything else that is wrong
/// with the command line in lines beside it. The library's own reading would name types of .NET, and its validators see values that did not parse.
/// </summary>
internal static class OptionValues
{
    public static Option<T> Number<T>(string name, string about, T otherwise, T least, T most)
        where T : struct, INumber<T> => new(name)
        {
            Description = $"{about}, {Range(least, most)}.",
            HelpName = "N",
            DefaultValueFactory = _ => otherwise,
            CustomParser = result => ReadNumber(result, name, least, most) ?? otherwise,
        };

    /// <summary>A number that may be left out.</summary>
    public static Option<T?> NumberOrNone<T>(string name, string about, T least, T most, string helpName = "N")
        where T : struct, INumber<T> => new(name)
        {
            Description = about,
            HelpName = helpName,
            CustomParser = result => ReadNumber(result, name, least, most),
        };

    /// <summary>A text that may be left out, and is neither empty nor another option where it is there.</summary>
    public static Option<string?> Text(string name, string about, string helpName) => new(name)
    {
        Description = about,
        HelpName = helpName,
        CustomParser = result =>
        {
            string value = result.Tokens[0].Value;
            if (string.IsNullOrWhiteSpace(value))
            {
                result.AddError($"{name} is empty. Give it a value ({helpName}), or leave it out.");
            }
            else if (value.StartsWith("--", StringComparison.Ordinal))
            {
                // The parser takes the next option for the value of one that ends with an equals sign.
                result.AddError($"{name} is {value}; a value cannot begin with two dashes.");
            }

            return value;
        },
    };

    /// <summary>One of some words; null when it is left out.</summary>
    public static Option<string?> Choice(string name, string about, string helpName, params string[] words) => new(name)
    {
        Description = about,
        HelpName = helpName,
        CustomParser = result => ReadWord(result, name, result.Tokens[0].Value, words),
    };

    /// <summary>Some of some words; all of them when it is left out.</summary>
    public static Option<string[]> Choices(string name, string about, params string[] words) => new(name)
    {
        Description = about,
        HelpName = string.Join('|', words),
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => words,
        CustomParser = result => [.. result.Tokens.Select(token => ReadWord(result, name, token.Value, words)).OfType<string>()],
    };

    private static T? ReadNumber<T>(ArgumentResult result, string name, T least, T most)
        where T : struct, INumber<T>
    {
        string text = result.Tokens[0].Value;
        if (T.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out T value) && value >= least && value <= most)
        {
            return value;
        }

        result.AddError($"{name} is {Shown(text)}; it must be a {(typeof(T) == typeof(double) ? "number" : "whole number")}, {Range(least, most)}.");
        return null;
    }

    private static string? ReadWord(ArgumentResult result, string name, string text, string[] words)
    {
        string? word = Array.Find(words, known => known.Equals(text, StringComparison.OrdinalIgnoreCase));
        if (word is null)
        {
            result.AddError($"{name} is {Shown(text)}; it must be {string.Join(" or ", words)}.");
        }

        return word;
    }

    private static string Shown(string text) => text.Length == 0 ? "empty" : text;

    private static string Range<T>(T least, T most)
        where T : INumber<T> => string.Create(CultureInfo.InvariantCulture, $"{least} to {most}");
}
