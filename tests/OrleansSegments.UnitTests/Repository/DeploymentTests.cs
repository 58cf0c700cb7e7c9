using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Xunit;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.Serialization;

namespace OrleansSegments.UnitTests.Repository;

/// <summary>Checks the deployment files against the programs and each other, as far as possible without running them.</summary>
public sealed partial class DeploymentTests
{
    private const string Compose = "deploy/compose.yaml";
    private const string Dockerfile = "deploy/Dockerfile";
    private const string Kubernetes = "deploy/kubernetes";

    private static readonly Dictionary<string, string> VersionOfKind = new(StringComparer.Ordinal)
    {
        ["ConfigMap"] = "v1",
        ["Secret"] = "v1",
        ["Service"] = "v1",
        ["StatefulSet"] = "apps/v1",
        ["Deployment"] = "apps/v1",
        ["PodDisruptionBudget"] = "policy/v1",
        ["NetworkPolicy"] = "networking.k8s.io/v1",
        ["Kustomization"] = "kustomize.config.k8s.io/v1beta1",
    };

    private static readonly string[] Probes = ["startupProbe", "livenessProbe", "readinessProbe"];

    private static List<Dictionary<object, object>> Manifests { get; } = [.. RepositoryFiles.Find("*.yaml", Kubernetes).SelectMany(YamlFiles.Read)];

    private static Dictionary<object, object>[] Workloads { get; } = [.. Manifests.Where(manifest => manifest.Text("kind") is "StatefulSet" or "Deployment")];

    [Fact]
    public void Every_setting_that_is_named_exists()
    {
        var known = File.ReadAllText(Path.Combine(RepositoryFiles.Root, "docs/configuration.md"));
        var named = RepositoryFiles.Find("*", "deploy")
            .SelectMany(file => SettingPattern().Matches(File.ReadAllText(Path.Combine(RepositoryFiles.Root, file))).Select(match => (file, Setting: $"{match.Groups[1]}:{match.Groups[2]}")))
            .Distinct()
            .ToArray();

        Assert.True(named.Length > 20, $"only {named.Length} settings were found");
        Assert.All(named, setting => Assert.True(known.Contains($"| `{setting.Setting}` |", StringComparison.Ordinal), $"{setting.file} sets {setting.Setting}, which docs/configuration.md does not know."));
    }

    [Fact]
    public void Every_manifest_is_of_a_known_kind_and_named_once()
    {
        Assert.All(Manifests, manifest => Assert.Equal(VersionOfKind.GetValueOrDefault(manifest.Text("kind"), "a known kind"), manifest.Text("apiVersion")));
        var names = Manifests.Where(manifest => manifest.Text("kind") != "Kustomization").Select(manifest => $"{manifest.Text("kind")} {manifest.Text("metadata", "name")}").ToArray();
        Assert.Equal(names.Distinct(), names);
        Assert.All(names, name => Assert.Matches("^[A-Za-z]+ [a-z][a-z0-9-]*$", name));
    }

    [Fact]
    public void What_kustomize_applies_is_there_and_the_example_of_secrets_is_not_among_it()
    {
        var resources = YamlFiles.Read($"{Kubernetes}/kustomization.yaml").Single().Items("resources").Cast<string>().ToArray();

        Assert.Equal(
            RepositoryFiles.Find("*.yaml", Kubernetes).Select(file => Path.GetFileName(file)).Except(["kustomization.yaml", "secrets.example.yaml"]).Order(),
            resources.Order());
    }

    [Fact]
    public void Selectors_find_pods()
    {
        Assert.Equal(2, Workloads.Length);
        Assert.All(Workloads, workload => AssertSelects(workload.Map("spec", "selector", "matchLabels"), workload));
        var others = Manifests.Where(manifest => manifest.Text("kind") is "Service" or "PodDisruptionBudget" or "NetworkPolicy").ToArray();
        Assert.Equal(5, others.Length);
        Assert.All(others, other =>
        {
            var selector = other.Text("kind") switch
            {
                "Service" => other.Map("spec", "selector"),
                "PodDisruptionBudget" => other.Map("spec", "selector", "matchLabels"),
                _ => other.Map("spec", "podSelector", "matchLabels"),
            };
            Assert.Contains(Workloads, workload => Selects(selector, workload));
        });
    }

    [Fact]
    public void Services_and_policies_name_ports_of_the_pods_that_they_select()
    {
        foreach (var service in Manifests.Where(manifest => manifest.Text("kind") == "Service"))
        {
            var ports = Workloads.Where(workload => Selects(service.Map("spec", "selector"), workload)).SelectMany(PortNames).ToArray();
            Assert.All(service.Items("spec", "ports"), port => Assert.Contains(port.Text("targetPort"), ports));
        }

        foreach (var policy in Manifests.Where(manifest => manifest.Text("kind") == "NetworkPolicy"))
        {
            var ports = Workloads.Where(workload => Selects(policy.Map("spec", "podSelector", "matchLabels"), workload)).SelectMany(PortNames).ToArray();
            Assert.All(policy.Items("spec", "ingress").SelectMany(rule => rule.Items("ports")), port => Assert.Contains(port.Text("port"), ports));
        }
    }

    [Fact]
    public void Pods_take_settings_secrets_and_volumes_that_exist()
    {
        foreach (var pod in Workloads.Select(workload => workload.At("spec", "template", "spec")))
        {
            var container = Assert.Single(pod.Items("containers"));
            Assert.All(container.Items("envFrom"), source => Assert.Contains(Manifests, manifest =>
                (manifest.Text("kind"), manifest.Text("metadata", "name")) is var named
                && (named == ("ConfigMap", source.Text("configMapRef", "name")) || named == ("Secret", source.Text("secretRef", "name")))));
            Assert.Equal(pod.Items("volumes").Select(volume => volume.Text("name")).Order(), container.Items("volumeMounts").Select(mount => mount.Text("name")).Order());
            Assert.All(pod.Items("volumes").Select(volume => volume.Text("secret", "secretName")).Where(name => name.Length > 0), name =>
                Assert.Contains(Manifests, manifest => manifest.Text("kind") == "Secret" && manifest.Text("metadata", "name") == name));
        }
    }

    [Fact]
    public void Pods_have_the_right_probes_and_minimal_privileges()
    {
        foreach (var pod in Workloads.Select(workload => workload.At("spec", "template", "spec")))
        {
            var container = Assert.Single(pod.Items("containers"));
            Assert.Equal("/health/live", container.Text("startupProbe", "httpGet", "path"));
            Assert.Equal("/health/live", container.Text("livenessProbe", "httpGet", "path"));
            Assert.Equal("/health/ready", container.Text("readinessProbe", "httpGet", "path"));
            Assert.All(Probes, probe => Assert.Equal("http", container.Text(probe, "httpGet", "port")));
            Assert.Equal("true", pod.Text("securityContext", "runAsNonRoot"));
            Assert.Equal("true", container.Text("securityContext", "readOnlyRootFilesystem"));
            Assert.Equal("false", container.Text("securityContext", "allowPrivilegeEscalation"));
        }
    }

    [Fact]
    public void Pods_have_time_to_drain_and_to_close()
    {
        var drain = TimeSpan.Parse(Manifests.Single(manifest => manifest.Text("kind") == "ConfigMap").Text("data", "Cluster__DrainTime"), null);

        // In addition to draining, the runtime needs 20 s to deactivate, and the store 10 s to close.
        Assert.All(Workloads, workload => Assert.True(
            int.Parse(workload.Text("spec", "template", "spec", "terminationGracePeriodSeconds"), null) > drain.TotalSeconds + 30));
    }

    [Fact]
    public void The_image_is_built_from_existing_files_and_runs_as_an_unprivileged_user()
    {
        var text = File.ReadAllText(Path.Combine(RepositoryFiles.Root, Dockerfile));
        var project = Regex.Match(text, @"dotnet publish (\S+)").Groups[1].Value;
        using var sdk = JsonDocument.Parse(File.ReadAllText(Path.Combine(RepositoryFiles.Root, "global.json")));

        Assert.True(Directory.Exists(Path.Combine(RepositoryFiles.Root, project)), $"there is no {project}");
        Assert.Contains($"\"dotnet\", \"{Path.GetFileName(project)}.dll\"", text, StringComparison.Ordinal);
        Assert.Contains($"SDK_VERSION={sdk.RootElement.GetProperty("sdk").GetProperty("version").GetString()}", text, StringComparison.Ordinal);
        var last = text[text.LastIndexOf("FROM ", StringComparison.Ordinal)..];
        Assert.Matches(@"(?m)^USER \$APP_UID$", last);
        Assert.Contains("HEALTHCHECK", last, StringComparison.Ordinal);
        Assert.Contains("/health/ready", last, StringComparison.Ordinal);
    }

    [Fact]
    public void Compose_names_only_what_it_has_and_tells_each_silo_its_own_address()
    {
        var compose = YamlFiles.Read(Compose).Single();
        var services = compose.Map("services");
        Assert.Superset(new HashSet<string> { "silo-1", "silo-2", "silo-3", "api", "postgres", "rabbitmq" }, services.Keys.Cast<string>().ToHashSet());
        var subnet = IPNetwork.Parse(Assert.Single(compose.Items("networks", "cluster", "ipam", "config")).Text("subnet"));
        foreach (var (name, service) in services)
        {
            Assert.True(service.Text("image").Length > 0, $"{name} has no image");
            Assert.All(service.Map("depends_on").Keys, other => Assert.True(services.ContainsKey(other), $"{name} waits for {other}, which is not there"));
            if (service.Text("environment", "Cluster__Advertise") is { Length: > 0 } advertised)
            {
                Assert.Equal(service.Text("networks", "cluster", "ipv4_address"), advertised);
                Assert.True(subnet.Contains(IPAddress.Parse(advertised)), $"{advertised} of {name} is not in {subnet}");
            }
        }

        Assert.Equal("true", compose.Text("networks", "cluster", "internal"));
        Assert.Equal(3, services.Values.Select(service => service.Text("environment", "Cluster__Advertise")).Where(address => address.Length > 0).Distinct().Count());
    }

    private static IEnumerable<string> PortNames(Dictionary<object, object> workload) =>
        workload.Items("spec", "template", "spec", "containers").SelectMany(container => container.Items("ports")).Select(port => port.Text("name"));

    private static bool Selects(Dictionary<object, object> selector, Dictionary<object, object> workload) =>
        selector.Count > 0 && selector.All(label => workload.Map("spec", "template", "metadata", "labels").GetValueOrDefault(label.Key) is string value && value == (string)label.Value);

    private static void AssertSelects(Dictionary<object, object> selector, Dictionary<object, object> workload) =>
        Assert.True(Selects(selector, workload), $"the selector of {workload.Text("metadata", "name")} does not find its own pods");

    [GeneratedRegex(@"\b([A-Z][A-Za-z]+)__([A-Z][A-Za-z]+)(?:__\d+)?\b")]
    private static partial Regex SettingPattern();
}

/// <summary>YAML as nested dictionaries and lists of strings, merge keys resolved.</summary>
internal static class YamlFiles
{
    public static List<Dictionary<object, object>> Read(string file)
    {
        using var reader = new StreamReader(Path.Combine(RepositoryFiles.Root, file));
        var parser = new MergingParser(new Parser(reader));
        var deserializer = new DeserializerBuilder().Build();
        var documents = new List<Dictionary<object, object>>();
        parser.Consume<StreamStart>();
        while (parser.TryConsume<DocumentStart>(out _))
        {
            documents.Add(deserializer.Deserialize<Dictionary<object, object>>(parser));
            parser.Consume<DocumentEnd>();
        }

        return documents;
    }

    /// <summary>The node at a path of keys; null when there is none.</summary>
    public static object? At(this object? node, params string[] path) =>
        path.Aggregate(node, (current, key) => current is Dictionary<object, object> map && map.TryGetValue(key, out var value) ? value : null);

    public static string Text(this object? node, params string[] path) => node.At(path) as string ?? "";

    public static IEnumerable<object> Items(this object? node, params string[] path) => node.At(path) as List<object> ?? [];

    public static Dictionary<object, object> Map(this object? node, params string[] path) => node.At(path) as Dictionary<object, object> ?? [];
}
