using System.Reflection;
using Orleans;
using Xunit;

namespace OrleansSegments.UnitTests.Repository;

/// <summary>
/// The messages between silos of two versions during a rolling upgrade are recorded in <c>wire.txt</c>: aliases, numbers and types. Its
/// lines must never be changed or removed; new ones are added for new messages.
/// </summary>
public sealed class WireTests
{
    private const string Record = "tests/OrleansSegments.UnitTests/Repository/wire.txt";

    private static Type[] Types => ContractTests.Types;

    [Fact]
    public void No_recorded_message_has_changed_its_alias_number_or_type()
    {
        var recorded = Recorded();
        var spoken = Spoken();
        Assert.True(recorded.Length > 100, $"{Record} has {recorded.Length} lines");

        Assert.True(recorded.All(spoken.Contains), $"Silos of an older version send these, and this one does not understand them:\n{Lines(recorded.Except(spoken))}");
    }

    [Fact]
    public void Everything_that_is_sent_is_recorded()
    {
        var recorded = Recorded();

        Assert.True(Spoken().All(recorded.Contains), $"Add to {Record}:\n{Lines(Spoken().Except(recorded))}");
    }

    private static string[] Recorded() => File.ReadAllLines(Path.Combine(RepositoryFiles.Root, Record));

    private static string[] Spoken() =>
    [
        .. Types.Where(type => type.IsDefined(typeof(GenerateSerializerAttribute))).SelectMany(Members)
            .Concat(Types.Where(type => type.IsInterface && typeof(IGrain).IsAssignableFrom(type)).SelectMany(Methods))
            .Concat(Types.Where(type => type.IsEnum).SelectMany(Values))
            .Order(StringComparer.Ordinal),
    ];

    private static IEnumerable<string> Members(Type type) =>
        type.GetProperties(BindingFlags.Instance | BindingFlags.Public)
            .Where(property => property.IsDefined(typeof(IdAttribute)))
            .Select(property => $"message {AliasOf(type)} {property.GetCustomAttribute<IdAttribute>()!.Id} {NameOf(property.PropertyType)}");

    private static IEnumerable<string> Methods(Type type) => type.GetMethods().Select(method =>
        $"call {AliasOf(type)}.{AliasOf(method)}({string.Join(", ", method.GetParameters().Select(parameter => NameOf(parameter.ParameterType)))}) {NameOf(method.ReturnType)}");

    private static IEnumerable<string> Values(Type type) =>
        Enum.GetNames(type).Select(name => $"value {type.Name} {name} {Convert.ToInt64(Enum.Parse(type, name), System.Globalization.CultureInfo.InvariantCulture)}");

    private static string AliasOf(MemberInfo member) => member.GetCustomAttribute<AliasAttribute>(inherit: false)!.Alias;

    /// <summary>Our messages by alias, because their names in the source may change.</summary>
    private static string NameOf(Type type) => type switch
    {
        { IsArray: true } => $"{NameOf(type.GetElementType()!)}[]",
        { IsGenericType: true } => $"{type.Name[..type.Name.IndexOf('`')]}<{string.Join(", ", type.GetGenericArguments().Select(NameOf))}>",
        _ => type.GetCustomAttribute<AliasAttribute>(inherit: false)?.Alias ?? type.Name,
    };

    private static string Lines(IEnumerable<string> lines) => string.Join('\n', lines);
}
