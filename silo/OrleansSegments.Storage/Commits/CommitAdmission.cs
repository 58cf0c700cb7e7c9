namespace OrleansSegments.Storage.Commits;

/// <summary>Whether work was let into the queue.</summary>
internal enum CommitAdmission
{
    Waiting,
    Full,
    Closed,
}
