using System.ComponentModel.DataAnnotations;
using System.Reflection;
using Microsoft.Extensions.Options;

namespace OrleansSegments.ClientApi.Hosting;

/// <summary>Checks the options as a whole; each message says what, the value, the rule and the cure.</summary>
public sealed class ClientApiOptionsValidation : IValidateOptions<ClientApiOptions>
{
    public const string KeysNeeded =
        "a listener beyond loopback needs keys, or anyone who reaches it could read and write every customer. "
        + "Set ClientApi__WriteKeys__0, ClientApi__ReadKeys__0 and ClientApi__AdminKeys__0 (or edit appsettings.json), or listen on 127.0.0.1.";

    public ValidateOptionsResult Validate(string? name, ClientApiOptions options)
    {
        var failures = RangeFailures(options).Concat(KeyFailures(options)).Concat(RelationFailures(options)).ToArray();
        return failures.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    internal static bool HasKeys(ClientApiOptions options) =>
        options.WriteKeys.Length + options.ReadKeys.Length + options.AdminKeys.Length > 0;

    private static IEnumerable<string> RangeFailures(ClientApiOptions options)
    {
        foreach (var property in typeof(ClientApiOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            var range = property.GetCustomAttribute<RangeAttribute>();
            var value = property.GetValue(options);
            if (range is not null && !range.IsValid(value))
            {
                yield return $"ClientApi:{property.Name} is {value}; it must be {range.Minimum} to {range.Maximum}. "
                    + $"Set ClientApi__{property.Name} or edit appsettings.json.";
            }
        }
    }

    private static IEnumerable<string> KeyFailures(ClientApiOptions options)
    {
        var lists = new[]
        {
            (nameof(options.WriteKeys), options.WriteKeys),
            (nameof(options.ReadKeys), options.ReadKeys),
            (nameof(options.AdminKeys), options.AdminKeys),
        };
        foreach (var (list, keys) in lists)
        {
            if (keys.Any(key => string.IsNullOrWhiteSpace(key) || key.Contains(':', StringComparison.Ordinal) || key != key.Trim()))
            {
                yield return $"ClientApi:{list} holds a key that is empty, has spaces around it or holds a colon; "
                    + $"clients send it as a Basic user name, which cannot carry those. Set ClientApi__{list}__0 to another key.";
            }
        }

        if (!HasKeys(options) && !Listeners.AreLoopback(options.ListenUrls))
        {
            var beyond = string.Join(", ", options.ListenUrls.Where(url => !Listeners.IsLoopback(url)));
            yield return $"ClientApi:ListenUrls holds {beyond} and no keys are configured; {KeysNeeded}";
        }
    }

    private static IEnumerable<string> RelationFailures(ClientApiOptions options)
    {
        if (options.EventBytesMax > options.RequestBytesMax)
        {
            yield return $"ClientApi:EventBytesMax is {options.EventBytesMax}; it must not exceed RequestBytesMax, which is "
                + $"{options.RequestBytesMax}. Set ClientApi__EventBytesMax or ClientApi__RequestBytesMax, or edit appsettings.json.";
        }

        if (options.PageSizeDefault > options.PageSizeMax)
        {
            yield return $"ClientApi:PageSizeDefault is {options.PageSizeDefault}; it must not exceed PageSizeMax, which is "
                + $"{options.PageSizeMax}. Set ClientApi__PageSizeDefault or ClientApi__PageSizeMax, or edit appsettings.json.";
        }
    }
}
