namespace OrleansSegments.EndToEndTests.Crashes;

/// <summary>What goes on, beside the load, when the process is killed.</summary>
internal enum KillMoment
{
    Load,
    Training,
    Rollout,
}
