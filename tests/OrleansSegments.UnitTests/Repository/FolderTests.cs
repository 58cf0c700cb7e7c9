using System.Text.RegularExpressions;
using Xunit;

namespace OrleansSegments.UnitTests.Repository;

/// <summary>
/// The namespaces of a project, which are its folders, have no circular dependencies: each can be understood, and moved, without its users.
/// A namespace depends on those named in its files' usings, and on an outer one whose types its files mention.
/// </summary>
public sealed partial class FolderTests
{
    [Fact]
    public void Folders_of_a_project_do_not_depend_on_each_other_in_a_circle()
    {
        var projects = RepositoryFiles.Find("*.csproj", [.. RepositoryFiles.ProductionFolders, "tests"]).Select(file => Read(Path.GetDirectoryName(file)!)).ToArray();
        var circles = projects.SelectMany(CirclesOf).ToArray();

        Assert.Contains(projects, project => project.Count > 5 && project.Values.Any(uses => uses.Count > 2));
        Assert.True(
            circles.Length == 0,
            "Move what two folders both need to the one that owns it, or to a third that uses neither; a folder that composes others is used by none of them:\n"
            + string.Join('\n', circles.SelectMany(steps => steps)));
    }

    private static bool IsWithin(string name, string outer) => name == outer || name.StartsWith(outer + ".", StringComparison.Ordinal);

    /// <summary>For each namespace of the project, the namespaces of the same project that it uses, each with a file that does.</summary>
    private static Dictionary<string, Dictionary<string, string>> Read(string folder)
    {
        var files = RepositoryFiles.Find("*.cs", folder)
            .Select(file => (Path: file, Text: File.ReadAllText(Path.Combine(RepositoryFiles.Root, file))))
            .Select(file => (file.Path, Namespace: NamespaceLine().Match(file.Text).Groups[1].Value, file.Text))
            .Where(file => file.Namespace.Length > 0)
            .ToArray();
        var types = files.ToLookup(file => file.Namespace, file => TypeLine().Matches(file.Text).Select(match => match.Groups[1].Value))
            .ToDictionary(types => types.Key, types => types.SelectMany(names => names).ToHashSet(StringComparer.Ordinal), StringComparer.Ordinal);
        var uses = types.Keys.ToDictionary(name => name, _ => new Dictionary<string, string>(StringComparer.Ordinal), StringComparer.Ordinal);
        foreach (var (path, own, text) in files)
        {
            var words = new Lazy<HashSet<string>>(() => Word().Matches(Comment().Replace(text, "")).Select(match => match.Value).ToHashSet(StringComparer.Ordinal));
            var named = UsingLine().Matches(text).Select(match => match.Groups[1].Value);
            var outer = types.Keys.Where(name => IsWithin(own, name) && types[name].Overlaps(words.Value));
            foreach (var used in named.Select(name => types.ContainsKey(name) ? name : name[..Math.Max(0, name.LastIndexOf('.'))]).Concat(outer))
            {
                if (used != own && types.ContainsKey(used))
                    uses[own][used] = path;
            }
        }

        return uses;
    }

    /// <summary>The dependencies that form each circle.</summary>
    private static IEnumerable<string[]> CirclesOf(Dictionary<string, Dictionary<string, string>> uses)
    {
        var reached = uses.Keys.ToDictionary(name => name, name => ReachedFrom(name, uses), StringComparer.Ordinal);
        return uses.Keys.Where(name => reached[name].Contains(name))
            .GroupBy(name => string.Join(' ', reached[name].Where(other => reached[other].Contains(name)).Order(StringComparer.Ordinal)))
            .Select(circle => circle.SelectMany(name => uses[name].Where(used => circle.Contains(used.Key)).Select(used => $"{name} uses {used.Key} in {used.Value}")).ToArray());
    }

    private static HashSet<string> ReachedFrom(string name, Dictionary<string, Dictionary<string, string>> uses)
    {
        var reached = new HashSet<string>(StringComparer.Ordinal);
        var next = new Queue<string>(uses[name].Keys);
        while (next.TryDequeue(out var found))
        {
            if (!reached.Add(found))
                continue;

            foreach (var further in uses[found].Keys)
                next.Enqueue(further);
        }

        return reached;
    }

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex NamespaceLine();

    [GeneratedRegex(@"^using (?:static )?(?:\w+ = )?([\w.]+)", RegexOptions.Multiline)]
    private static partial Regex UsingLine();

    [GeneratedRegex(@"^(?:\w+ )*?(?:class|struct|interface|enum|record|delegate \S+) (?:class |struct )?(\w+)", RegexOptions.Multiline)]
    private static partial Regex TypeLine();

    [GeneratedRegex(@"//.*")]
    private static partial Regex Comment();

    [GeneratedRegex(@"\w+")]
    private static partial Regex Word();
}
