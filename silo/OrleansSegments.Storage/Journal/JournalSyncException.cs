namespace OrleansSegments.Storage.Journal;

/// <summary>The disk could not sync. A second try on the same file may succeed without the data: another file must be begun.</summary>
internal sealed class JournalSyncException(IOException failure) : IOException(failure.Message, failure);
