using System.Xml.Linq;
using Xunit;

namespace OrleansSegments.UnitTests.Repository;

/// <summary>
/// Allowed project references. A project missing from the table fails: whoever adds one decides here what it may reference.
/// </summary>
public sealed class ProjectReferenceTests
{
    private const string Prefix = "OrleansSegments.";

    private static readonly Dictionary<string, (string[] Allowed, string Instead)> Rules = new(StringComparer.Ordinal)
    {
        ["Engine"] = ([], "The engine computes; hand it values, spans and times as arguments."),
        ["Contracts"] = ([], "Contracts are what callers may know; put into a message what they need of it."),
        ["Storage.Abstractions"] = ([], "The store's interface carries opaque states and numbers; convert in Grains."),
        ["Simulator"] = ([], "The simulator is the second opinion on the engine; write its own computation."),
        ["Grains"] = (["Contracts", "Engine", "Storage.Abstractions"], "Grains know neither hosts nor HTTP nor databases; declare an interface or an option and let Silo compose."),
        ["Storage"] = (["Contracts", "Storage.Abstractions"], "The store keeps bytes and numbers; what they mean belongs to Grains."),
        ["ClientApi"] = (["Contracts"], "The API asks grains through Contracts; add a message there, or an interface that Silo implements."),
        ["Client"] = ([], "The client is for other people's programs; it knows the HTTP API and nothing of ours."),
        ["Bus"] = (["Contracts"], "The bus hands bodies of events to an interface and asks grains through Contracts; Silo composes."),
        ["Webhooks"] = (["Contracts"], "Webhooks read transitions through Contracts, as everybody outside does; add a message there."),
        ["Silo"] = (["Contracts", "Engine", "Grains", "Storage", "Storage.Abstractions", "ClientApi", "Bus", "Webhooks"], "Silo composes production projects and nothing else; what simulates, imports or measures is in Tools and not in the server's image."),
        ["LoadGenerator"] = (["Simulator", "Contracts"], "Load is made over HTTP, or through Contracts inside the cluster."),
        ["Tools"] = (["Contracts", "ClientApi", "Silo", "Simulator", "LoadGenerator"], "Tools start a silo through SiloHost, ask grains through Contracts and read events as the API does; add to SiloHost what they need of it."),
        ["CrashTests"] = (["Simulator", "LoadGenerator", "TestKit"], "Crash tests know an address and what was acknowledged; no production assembly may help them."),
        ["Benchmarks"] = (["Contracts", "Engine", "Grains", "Storage", "Storage.Abstractions", "Silo", "Tools", "Simulator", "LoadGenerator", "CrashTests", "TestKit"], "Benchmarks measure production projects, take their load from the simulator and their servers from the kit."),
        ["TestKit"] = ([], "The kit serves all tests; what needs a product type belongs to that test project."),
        ["UnitTests"] = (["Contracts", "Engine", "Storage", "Storage.Abstractions", "ClientApi", "Client", "Simulator", "LoadGenerator", "CrashTests", "TestKit"], "What needs grains or a silo is a cluster test."),
        ["ClusterTests"] = (["Silo", "Tools", "Simulator", "TestKit"], "Cluster tests start a Silo; what it composes comes with it."),
        ["BrokenSilo"] = (["Silo"], "Each way to break a silo replaces one of its services."),
        ["EndToEndTests"] = (["Client", "Simulator", "CrashTests", "TestKit"], "End-to-end tests speak HTTP and signals to real processes, as others do and with the client that others use; no assembly of the server may help them."),
    };

    [Fact]
    public void Every_project_references_only_what_it_may_know()
    {
        var problems = new List<string>();
        foreach (var (project, references) in Read())
        {
            if (!Rules.TryGetValue(project, out var rule))
            {
                problems.Add($"{project} is in no rule. Decide what it may reference and write it into {nameof(ProjectReferenceTests)}.");
                continue;
            }

            problems.AddRange(references.Except(rule.Allowed).Select(reference => $"{project} references {reference}. {rule.Instead}"));
        }

        Assert.True(problems.Count == 0, string.Join(Environment.NewLine, problems));
    }

    [Fact]
    public void Every_rule_speaks_of_a_project_that_exists()
    {
        var projects = Read().Keys;

        Assert.Equal(Rules.Keys.Order(StringComparer.Ordinal), projects.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_project_is_part_of_the_solution()
    {
        var solution = File.ReadAllText(Path.Combine(RepositoryFiles.Root, "OrleansSegments.sln")).Replace('\\', '/');

        Assert.All(Projects(), file => Assert.True(solution.Contains(file, StringComparison.Ordinal), $"{file} is not in OrleansSegments.sln; add it with: dotnet sln add {file}"));
    }

    private static IEnumerable<string> Projects() => RepositoryFiles.Find("*.csproj", [.. RepositoryFiles.ProductionFolders, "tests"]);

    /// <summary>The references that each project compiles against. References that only affect the build order do not count.</summary>
    private static Dictionary<string, string[]> Read() => Projects().ToDictionary(
        file => NameOf(file),
        file => XDocument.Load(Path.Combine(RepositoryFiles.Root, file)).Descendants("ProjectReference")
            .Where(reference => reference.Attribute("ReferenceOutputAssembly")?.Value != "false")
            .Select(reference => NameOf(reference.Attribute("Include")!.Value)).ToArray(),
        StringComparer.Ordinal);

    private static string NameOf(string path)
    {
        var name = Path.GetFileNameWithoutExtension(path.Replace('\\', '/'));
        return name.StartsWith(Prefix, StringComparison.Ordinal) ? name[Prefix.Length..] : name;
    }
}
