namespace OrleansSegments.LocalRuntime.Calls;

/// <summary>How one kind of task is read and made, so that the call path is written once for all four.</summary>
internal interface IReturnKind<TReturn, TResult>
{
    static abstract bool HasSucceeded(in TReturn returned);

    /// <summary>The task behind the value. A value task must not be used any more after this.</summary>
    static abstract Task ToTask(TReturn returned);

    static abstract TResult ResultOf(Task completed);

    static abstract TReturn FromTask(Task task);
}
