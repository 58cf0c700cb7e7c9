namespace OrleansSegments.LocalRuntime.Calls;

/// <summary>Methods that return <see cref="Task"/>.</summary>
internal readonly struct TaskKind : IReturnKind<Task, Nothing>
{
    public static bool HasSucceeded(in Task returned) => returned.IsCompletedSuccessfully;

    public static Task ToTask(Task returned) => returned;

    public static Nothing ResultOf(Task completed) => default;

    public static Task FromTask(Task task) => task;
}

/// <summary>Methods that return <see cref="Task{TResult}"/>.</summary>
internal readonly struct TaskKind<TResult> : IReturnKind<Task<TResult>, TResult>
{
    public static bool HasSucceeded(in Task<TResult> returned) => returned.IsCompletedSuccessfully;

    public static Task ToTask(Task<TResult> returned) => returned;

    public static TResult ResultOf(Task completed) => ((Task<TResult>)completed).Result;

    public static Task<TResult> FromTask(Task task) => (Task<TResult>)task;
}
