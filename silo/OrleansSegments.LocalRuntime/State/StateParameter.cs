using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;

namespace OrleansSegments.LocalRuntime.State;

/// <summary>One constructor parameter of a grain class that is marked with <see cref="PersistentStateAttribute"/>.</summary>
internal sealed class StateParameter
{
    private readonly PersistentStateAttribute _mark;
    private readonly ConstructorInfo _constructor;

    private StateParameter(ParameterInfo parameter)
    {
        Type = parameter.ParameterType;
        if (!Type.IsGenericType || Type.GetGenericTypeDefinition() != typeof(IPersistentState<>))
        {
            throw new ArgumentException(
                $"{parameter.Member.DeclaringType!.Name}: parameter '{parameter.Name}' is marked as persistent state, so it must be an IPersistentState<T>.");
        }

        _mark = parameter.GetCustomAttribute<PersistentStateAttribute>()!;
        _constructor = typeof(PersistentState<>).MakeGenericType(Type.GetGenericArguments()).GetConstructors().Single();
    }

    public Type Type { get; }

    public static StateParameter[] Of(Type grainClass) =>
    [
        .. grainClass.GetConstructors()
            .SelectMany(constructor => constructor.GetParameters())
            .Where(parameter => parameter.IsDefined(typeof(PersistentStateAttribute)))
            .Select(parameter => new StateParameter(parameter)),
    ];

    public IReadableState Create(LocalSilo silo, string grainType, string grainKey)
    {
        var store = (_mark.StorageName is null ? null : silo.Services.GetKeyedService<IGrainStateStore>(_mark.StorageName))
            ?? silo.Services.GetRequiredService<IGrainStateStore>();
        var key = new GrainStateKey(grainType, grainKey, _mark.StateName);
        return (IReadableState)_constructor.Invoke([key, store, silo.Options.StateJson]);
    }
}
