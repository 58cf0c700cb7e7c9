using System.Reflection;
using Orleans.Runtime;

namespace OrleansSegments.LocalRuntime.Proxies;

/// <summary>The emitted reference class of one grain interface, and its methods in the order of their numbers.</summary>
internal sealed record ProxyType(Func<InterfaceBinding, string, GrainReference> Create, IReadOnlyList<MethodInfo> Methods);
