using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Options;

namespace OrleansSegments.Silo.Hosting;

/// <summary>
/// Reads settings classes and collects all problems, so that they are reported together. .NET's binder stops at the first value that does
/// not parse.
/// </summary>
internal sealed class SettingsReader(IConfiguration configuration)
{
    private readonly List<string> _problems = [];

    public IReadOnlyList<string> Problems => _problems;

    /// <param name="overrule">Applies the command line's options.</param>
    /// <param name="isUsed">False for settings that this process does not use: then only values that are invalid for every process are
    /// reported.</param>
    public T Read<T>(string section, Action<T>? overrule = null, bool isUsed = true)
        where T : class, new()
    {
        var options = new T();
        var told = new HashSet<string>();
        foreach (PropertyInfo property in SettingSections.SettingsOf(section, typeof(T)))
        {
            if (!TrySet(options, property, section))
            {
                told.Add(property.Name);
            }
        }

        overrule?.Invoke(options);
        foreach (PropertyInfo property in typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => !told.Contains(p.Name)))
        {
            if (RuleBrokenBy(options, property, isUsed) is { } rule)
            {
                told.Add(property.Name);
                Add(section, property.Name, property.GetValue(options), rule);
            }
        }

        if (isUsed && options is IValidatableObject whole)
        {
            _problems.AddRange(whole.Validate(new ValidationContext(options))
                .Where(problem => !problem.MemberNames.Any(told.Contains))
                .Select(problem => $"{section}: {problem.ErrorMessage}{(problem.MemberNames.FirstOrDefault() is { } name ? $" {Cure(section, name)}" : "")}"));
        }

        return options;
    }

    public void Add(IEnumerable<string> problems) => _problems.AddRange(problems);

    /// <exception cref="OptionsValidationException">Thrown when there is any problem.</exception>
    public void ThrowIfAny()
    {
        if (_problems.Count > 0)
        {
            throw new OptionsValidationException("settings", typeof(object), _problems.Distinct());
        }
    }

    private bool TrySet(object options, PropertyInfo property, string section)
    {
        IConfigurationSection stored = configuration.GetSection($"{section}:{property.Name}");
        if (property.PropertyType == typeof(string[]))
        {
            if (stored.Value is { Length: > 0 })
            {
                _problems.Add($"{section}:{property.Name} is a list. Set {section}__{property.Name}__0 and so on, or edit appsettings.json.");
                return false;
            }

            property.SetValue(options, stored.Get<string[]>() ?? property.GetValue(options));
            return true;
        }

        if (stored.Value is not { } text)
        {
            return true;
        }

        try
        {
            property.SetValue(options, TypeDescriptor.GetConverter(property.PropertyType).ConvertFromInvariantString(text));
            return true;
        }
        catch (Exception problem) when (problem is FormatException or ArgumentException or OverflowException or NotSupportedException)
        {
            Add(section, property.Name, $"'{text}'", $"must be {Rule(property)}");
            return false;
        }
    }

    private static string? RuleBrokenBy(object options, PropertyInfo property, bool isUsed)
    {
        object? value = property.GetValue(options);
        return property.GetCustomAttributes<ValidationAttribute>().Where(rule => (isUsed || rule is RangeAttribute) && !rule.IsValid(value)).Select(rule => rule switch
        {
            RangeAttribute => $"must be {Rule(property)}",
            RequiredAttribute => "is needed",
            _ => rule.FormatErrorMessage("it").Replace("The field it ", "", StringComparison.Ordinal).TrimEnd('.'),
        }).FirstOrDefault();
    }

    private static string Rule(PropertyInfo property) =>
        property.GetCustomAttribute<RangeAttribute>() is { } range ? string.Create(CultureInfo.InvariantCulture, $"{range.Minimum} to {range.Maximum}")
        : property.PropertyType == typeof(bool) ? "true or false"
        : property.PropertyType == typeof(TimeSpan) ? "a time such as 00:30:00"
        : "a whole number";

    private void Add(string section, string name, object? value, string rule) => _problems.Add(string.Create(
        CultureInfo.InvariantCulture, $"{section}:{name} is {(value is null or "" ? "empty" : value)}; it {rule}. {Cure(section, name)}"));

    private static string Cure(string section, string name) => $"Set {section}__{name} or edit appsettings.json.";
}
