using System.Reflection;
using Orleans;
using Orleans.Concurrency;

namespace OrleansSegments.LocalRuntime.Calls;

/// <summary>What the call path needs to know of one interface method on one grain class.</summary>
internal sealed class GrainMethod
{
    public GrainMethod(MethodInfo method, bool isReentrantClass, LocalRuntimeOptions options)
    {
        Name = $"{method.DeclaringType!.Name}.{method.Name}";
        IsOneWay = method.IsDefined(typeof(OneWayAttribute));
        Interleaves = isReentrantClass || method.IsDefined(typeof(AlwaysInterleaveAttribute));
        IsReadOnly = method.IsDefined(typeof(ReadOnlyAttribute));
        ResponseTimeout = method.GetCustomAttribute<ResponseTimeoutAttribute>()?.Timeout ?? options.ResponseTimeout;
        IsHandedThrough = Interleaves && options.HandedThrough.Contains((method.DeclaringType!, method.Name));
    }

    public string Name { get; }

    public bool IsOneWay { get; }

    public bool Interleaves { get; }

    public bool IsReadOnly { get; }

    /// <summary>See <see cref="LocalRuntimeOptions.HandThrough"/>.</summary>
    public bool IsHandedThrough { get; }

    public TimeSpan ResponseTimeout { get; }
}
