using OrleansSegments.LocalRuntime.Calls;

namespace OrleansSegments.LocalRuntime.Proxies;

/// <summary>Maps a grain method's return type to its result and its <see cref="IReturnKind{TReturn, TResult}"/>.</summary>
internal static class ReturnKinds
{
    public static bool IsSupported(Type returnType)
    {
        var shape = returnType.IsGenericType ? returnType.GetGenericTypeDefinition() : returnType;
        return shape == typeof(Task) || shape == typeof(ValueTask) || shape == typeof(Task<>) || shape == typeof(ValueTask<>);
    }

    public static (Type Result, Type Kind) Of(Type returnType)
    {
        if (!returnType.IsGenericType)
        {
            return (typeof(Nothing), returnType == typeof(Task) ? typeof(TaskKind) : typeof(ValueTaskKind));
        }

        var result = returnType.GetGenericArguments();
        var kind = returnType.GetGenericTypeDefinition() == typeof(Task<>) ? typeof(TaskKind<>) : typeof(ValueTaskKind<>);
        return (result[0], kind.MakeGenericType(result));
    }
}
