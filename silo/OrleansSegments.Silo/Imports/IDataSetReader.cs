namespace OrleansSegments.Silo.Imports;

/// <summary>Makes customer events of one file format. Readers keep no state between files.</summary>
public interface IDataSetReader
{
    /// <summary>The name of the format on the command line.</summary>
    string Name { get; }

    /// <summary>One sentence on what the format is and how its lines become events.</summary>
    string Description { get; }

    /// <summary>
    /// Reads the file as the result is enumerated, once; memory does not grow with the file unless the description says so.
    /// A line that is of no use is counted in <paramref name="counters"/> with its reason and never stops the import.
    /// The same content makes the same events with the same message ids, by which a second import is recognised.
    /// </summary>
    /// <exception cref="ImportException">The file as a whole cannot be read, possibly after some events were handed out.</exception>
    IEnumerable<ReplayEvent> Read(ImportSource source, ImportCounters counters);
}
