namespace OrleansSegments.LocalRuntime.Calls;

/// <summary>How many inline calls are nested on this thread's stack; beyond the limit calls are queued, so that no chain overflows it.</summary>
internal static class InlineDepth
{
    [ThreadStatic]
    private static int _current;

    public static bool IsAtLimit(int limit) => _current >= limit;

    public static void Enter() => _current++;

    public static void Leave() => _current--;
}
