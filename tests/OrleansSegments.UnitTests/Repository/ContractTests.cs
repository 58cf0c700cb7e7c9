using System.Reflection;
using Orleans;
using OrleansSegments.Contracts.Customers;
using Xunit;

namespace OrleansSegments.UnitTests.Repository;

/// <summary>Messages between silos of different versions: every type and method has its own alias, every member a number.</summary>
public sealed class ContractTests
{
    /// <summary>Without what the compiler of Orleans adds, some of which is public and serialized.</summary>
    internal static readonly Type[] Types =
        [.. typeof(ICustomerGrain).Assembly.GetExportedTypes().Where(type => type.Namespace?.StartsWith("OrleansCodeGen", StringComparison.Ordinal) != true)];

    private static IEnumerable<Type> GrainInterfaces => Types.Where(type => type.IsInterface && typeof(IGrain).IsAssignableFrom(type));

    /// <summary>Everything passed in a call or an answer, including nested members.</summary>
    private static HashSet<Type> Messages
    {
        get
        {
            var found = new HashSet<Type>();
            var waiting = new Queue<Type>(GrainInterfaces.SelectMany(type => type.GetMethods()).SelectMany(method => method.GetParameters().Select(parameter => parameter.ParameterType).Append(method.ReturnType)));
            while (waiting.TryDequeue(out var type))
            {
                foreach (var part in Parts(type).Where(part => Types.Contains(part) && !part.IsEnum && found.Add(part)))
                {
                    foreach (var property in Members(part))
                        waiting.Enqueue(property.PropertyType);
                }
            }

            return found;
        }
    }

    [Fact]
    public void Everything_that_travels_is_serialized_by_numbered_members()
    {
        Assert.True(Messages.Count > 15, $"only {Messages.Count} messages were found");
        Assert.All(Messages, type =>
        {
            Assert.True(type.IsDefined(typeof(GenerateSerializerAttribute)), $"{type.Name} travels without [GenerateSerializer]; add it.");
            var ids = Members(type).Select(member => (member.Name, member.GetCustomAttribute<IdAttribute>()?.Id)).ToArray();
            Assert.All(ids, member => Assert.True(member.Id is not null, $"{type.Name}.{member.Name} has no [Id]; give it the next free number."));
            Assert.True(ids.Select(member => member.Id).Distinct().Count() == ids.Length, $"{type.Name} gives a number twice; a number is never reused.");
        });
    }

    [Fact]
    public void Types_that_travel_and_grain_interfaces_have_aliases_that_are_never_shared()
    {
        var aliases = Messages.Concat(GrainInterfaces).Select(type => (Name: type.FullName!, Aliases: AliasesOf(type))).ToArray();

        Assert.All(aliases, type => Assert.True(type.Aliases.Length == 1, $"{type.Name} has {type.Aliases.Length} aliases; give it one [Alias], so that it can be renamed."));
        AssertUnique(aliases.Select(type => (type.Name, type.Aliases[0])));
    }

    [Fact]
    public void Methods_of_grain_interfaces_have_aliases_of_their_own()
    {
        Assert.All(GrainInterfaces, type =>
        {
            var methods = type.GetMethods().Select(method => (Name: $"{type.Name}.{method.Name}", Aliases: AliasesOf(method))).ToArray();
            Assert.All(methods, method => Assert.True(method.Aliases.Length == 1, $"{method.Name} has {method.Aliases.Length} aliases; give it one [Alias], so that it can be renamed."));
            AssertUnique(methods.Select(method => (method.Name, method.Aliases[0])));
        });
    }

    [Fact]
    public void Every_type_marked_for_serialization_is_immutable_and_sealed_or_a_value()
    {
        Assert.All(Types.Where(type => type.IsDefined(typeof(GenerateSerializerAttribute))), type =>
        {
            Assert.True(type.IsDefined(typeof(Orleans.ImmutableAttribute)), $"{type.Name} is not [Immutable]; messages are handed over without a copy.");
            Assert.True(type.IsSealed, $"{type.Name} is not sealed.");
        });
    }

    private static void AssertUnique(IEnumerable<(string Name, string Alias)> aliases) => Assert.All(
        aliases.GroupBy(alias => alias.Alias),
        group => Assert.True(group.Count() == 1, $"[Alias(\"{group.Key}\")] is used by {string.Join(" and ", group.Select(alias => alias.Name))}; choose another for the newer one."));

    private static string[] AliasesOf(MemberInfo member) => [.. member.GetCustomAttributes<AliasAttribute>(inherit: false).Select(alias => alias.Alias)];

    private static PropertyInfo[] Members(Type type) =>
        [.. type.GetProperties(BindingFlags.Instance | BindingFlags.Public).Where(property => property.SetMethod is not null)];

    /// <summary>The type itself, its element type, and its type arguments.</summary>
    private static IEnumerable<Type> Parts(Type type) => type switch
    {
        { IsArray: true } => Parts(type.GetElementType()!),
        { IsGenericType: true } => type.GetGenericArguments().SelectMany(Parts),
        _ => [type],
    };
}
