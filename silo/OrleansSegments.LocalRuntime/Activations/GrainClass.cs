using System.Collections.Concurrent;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Concurrency;
using OrleansSegments.LocalRuntime.Proxies;
using OrleansSegments.LocalRuntime.State;

namespace OrleansSegments.LocalRuntime.Activations;

/// <summary>One grain class of one silo: how to build it, its rules, and its activations.</summary>
internal sealed class GrainClass
{
    private readonly ObjectFactory _build;
    private readonly StateParameter[] _stateParameters;
    private readonly ConcurrentDictionary<Type, InterfaceBinding> _bindings = new();
    private readonly ActivationDirectory _directory = new();
    private readonly ConcurrentDictionary<string, WorkerPool>? _pools;
    private readonly int _workersMax;

    public GrainClass(LocalSilo silo, Type type)
    {
        Silo = silo;
        Type = type;
        Name = NameOf(type);
        IsReentrant = type.IsDefined(typeof(ReentrantAttribute));
        HasActivationHook = Overrides(type, nameof(Grain.OnActivateAsync));
        HasDeactivationHook = Overrides(type, nameof(Grain.OnDeactivateAsync));
        CollectionAgeSeconds = CollectionAge(type, silo.Options.CollectionAge);
        _workersMax = type.GetCustomAttribute<StatelessWorkerAttribute>()?.MaxLocalWorkers ?? 0;
        _pools = _workersMax > 0 ? new(StringComparer.Ordinal) : null;
        _stateParameters = StateParameter.Of(type);
        _build = ActivatorUtilities.CreateFactory(type, [.. _stateParameters.Select(parameter => parameter.Type)]);
    }

    public LocalSilo Silo { get; }

    public Type Type { get; }

    /// <summary>The stored name: the class name in lower case without "Grain".</summary>
    public string Name { get; }

    public bool IsReentrant { get; }

    public bool HasActivationHook { get; }

    public bool HasDeactivationHook { get; }

    public bool IsStatelessWorker => _pools is not null;

    /// <summary>How long an idle activation stays; <see cref="int.MaxValue"/> for ever.</summary>
    public int CollectionAgeSeconds { get; }

    public int Count => _pools?.Values.Sum(pool => pool.Workers.Count(worker => worker is { IsGone: false })) ?? _directory.Count;

    public Activation Find(string key) => _pools is null
        ? _directory.GetOrAdd(this, key)
        : _pools.GetOrAdd(key, static (key, owner) => new WorkerPool(owner, key, owner._workersMax), this).Pick();

    /// <summary>Finds several that are there, see <see cref="ActivationDirectory.Find"/>; not for stateless workers.</summary>
    public void Find(ReadOnlySpan<string> keys, Span<Activation?> found) => _directory.Find(keys, found);

    /// <summary>Takes an ended activation out of the directory; a pool replaces ended workers by itself.</summary>
    public void Forget(Activation activation)
    {
        if (!IsStatelessWorker)
        {
            _directory.Remove(activation);
        }
    }

    /// <summary>The activations in parts, each a moment's view whose slots may be null.</summary>
    public IEnumerable<Activation?[]> Parts() => _pools is null
        ? Enumerable.Range(0, ActivationDirectory.ShardCount).Select(_directory.Slots)
        : _pools.Values.Select(pool => pool.Workers);

    public IReadableState[] StatesOf(string key)
    {
        if (_stateParameters.Length == 0)
        {
            return [];
        }

        return [.. _stateParameters.Select(parameter => parameter.Create(Silo, Name, key))];
    }

    public Grain Build(IReadableState[] states) => (Grain)_build(Silo.Services, states);

    public InterfaceBinding Bind(Type interfaceType) => _bindings.GetOrAdd(
        interfaceType,
        static (type, owner) => type.IsAssignableFrom(owner.Type)
            ? new InterfaceBinding(owner, ProxyEmitter.ProxyOf(type))
            : throw new ArgumentException($"{owner.Type.Name} does not implement {type.Name}."),
        this);

    public TGrainInterface ReferenceTo<TGrainInterface>(string key) => (TGrainInterface)(object)Bind(typeof(TGrainInterface)).Reference(key);

    private static string NameOf(Type type)
    {
        const string Suffix = "grain";
        var name = type.Name.ToLowerInvariant();
        return name.Length > Suffix.Length && name.EndsWith(Suffix, StringComparison.Ordinal) ? name[..^Suffix.Length] : name;
    }

    private static bool Overrides(Type type, string hook) =>
        type.GetMethod(hook, BindingFlags.Instance | BindingFlags.Public)!.DeclaringType != typeof(Grain);

    private static int CollectionAge(Type type, TimeSpan byDefault)
    {
        var age = type.IsDefined(typeof(KeepAliveAttribute))
            ? Timeout.InfiniteTimeSpan
            : type.GetCustomAttribute<CollectionAgeLimitAttribute>()?.AgeLimit ?? byDefault;
        return age == Timeout.InfiniteTimeSpan ? int.MaxValue : (int)Math.Min(int.MaxValue, Math.Ceiling(age.TotalSeconds));
    }
}
