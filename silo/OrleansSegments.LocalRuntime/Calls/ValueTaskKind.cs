namespace OrleansSegments.LocalRuntime.Calls;

/// <summary>Methods that return <see cref="ValueTask"/>.</summary>
internal readonly struct ValueTaskKind : IReturnKind<ValueTask, Nothing>
{
    public static bool HasSucceeded(in ValueTask returned) => returned.IsCompletedSuccessfully;

    public static Task ToTask(ValueTask returned) => returned.AsTask();

    public static Nothing ResultOf(Task completed) => default;

    public static ValueTask FromTask(Task task) => new(task);
}

/// <summary>Methods that return <see cref="ValueTask{TResult}"/>.</summary>
internal readonly struct ValueTaskKind<TResult> : IReturnKind<ValueTask<TResult>, TResult>
{
    public static bool HasSucceeded(in ValueTask<TResult> returned) => returned.IsCompletedSuccessfully;

    public static Task ToTask(ValueTask<TResult> returned) => returned.AsTask();

    public static TResult ResultOf(Task completed) => ((Task<TResult>)completed).Result;

    public static ValueTask<TResult> FromTask(Task task) => new((Task<TResult>)task);
}
