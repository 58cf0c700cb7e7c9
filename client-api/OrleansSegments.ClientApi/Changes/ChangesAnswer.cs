using OrleansSegments.Contracts.Changes;

namespace OrleansSegments.ClientApi.Changes;

/// <summary>Transitions, oldest first.</summary>
/// <param name="NextAfter">Hand in as after to go on; the value that came in when there is nothing new.</param>
internal sealed record ChangesAnswer(TransitionView[] Changes, long NextAfter);
