using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using OrleansSegments.Storage.Commits;
using OrleansSegments.Storage.Faults;
using OrleansSegments.Storage.Folder;
using OrleansSegments.Storage.Totals;

namespace OrleansSegments.Storage.Journal;

/// <summary>
/// The journal: commits one behind the other in files, each written once and synced before anyone is told. Owned by the commit thread.
/// A file whose commits the tables hold is used again under a later number, or deleted after the next merge when there are more of them than
/// were lately needed: the disk then neither looks for room nor frees any while commits wait.
/// </summary>
internal sealed class CommitJournal : IDisposable
{
    // A store that changes little starts a small file over and does not fill it.
    private const long RestartedBytesMin = 1024 * 1024;

    private readonly DataFolder _folder;
    private readonly FaultPoint _fault;
    private readonly ILogger _logger;
    private readonly long _fileBytes;
    private readonly List<JournalFile> _files;
    private readonly Queue<JournalFile> _spares;
    private readonly ConcurrentQueue<JournalFile> _unwanted = [];
    private readonly PayloadWriter _frame = new();
    private uint _lastFileNumber;
    private long _mergedThrough;
    private int _sparesMax = 1;
    private bool _mustBegin;

    /// <param name="files">With commits that are not merged, or to be appended to; oldest first, at least one.</param>
    /// <param name="spares">With merged commits only.</param>
    /// <param name="lastNumber">The last commit in the files; numbers go on after those that the tables hold.</param>
    public CommitJournal(StoreContext context, IReadOnlyList<JournalFile> files, IEnumerable<JournalFile> spares, long lastNumber, long mergedThrough)
    {
        _folder = context.Folder;
        _fault = context.Fault;
        _logger = context.Logger;
        _fileBytes = context.Options.JournalFileBytes;
        _files = [.. files];
        _spares = new Queue<JournalFile>(spares);
        _lastFileNumber = files[^1].Number;
        LastNumber = Math.Max(lastNumber, mergedThrough);
        MergedThrough = mergedThrough;
        _mustBegin = lastNumber < mergedThrough;
        foreach (var file in files)
        {
            Bodies.Add(file);
        }
    }

    public JournalBodies Bodies { get; } = new();

    public long LastNumber { get; private set; }

    /// <summary>Commits up to this number are in the tables for good; their files may be used again. Set by the merge.</summary>
    public long MergedThrough
    {
        get => Volatile.Read(ref _mergedThrough);
        set => Volatile.Write(ref _mergedThrough, value);
    }

    private JournalFile Current => _files[^1];

    /// <summary>Makes a commit durable; on failure nothing of it counts.</summary>
    /// <exception cref="IOException">The disk is full or failed.</exception>
    public CommittedPlace Append(CommitDraft draft, SegmentTotals totalsAfter)
    {
        FreeMerged();
        var isRestarted = MergedThrough >= LastNumber && Current.Length >= RestartedBytesMin;
        if (_mustBegin || isRestarted || Current.Length >= _fileBytes)
        {
            Begin();
        }

        CommitCodec.Write(_frame, draft, totalsAfter, LastNumber + 1, Current);
        try
        {
            Current.Append(_frame.Written, _fileBytes, _fault);
        }
        catch (JournalSyncException)
        {
            // What the file has from here on is not known, and a second sync may succeed without it.
            _mustBegin = true;
            throw;
        }

        LastNumber++;
        return new CommittedPlace(LastNumber, _frame.Length);
    }

    /// <summary>
    /// Deletes the files that are no longer needed. Called by the merge thread: to free a file's blocks takes up to a third of a second, in which
    /// the commit thread would answer nobody.
    /// </summary>
    public void DeleteUnwanted()
    {
        try
        {
            while (_unwanted.TryDequeue(out var file))
            {
                file.Delete();
            }
        }
        catch (IOException failure)
        {
            _logger.LogWarning(failure, "A file of the journal that nobody needs is still there; the next start uses or deletes it");
        }
    }

    /// <summary>Leaves one empty file when all is merged; for closing.</summary>
    /// <exception cref="IOException">It cannot be made; the others are still there, which does no harm.</exception>
    public void TrimAll()
    {
        if (MergedThrough < LastNumber)
        {
            return;
        }

        if (Current.Length > JournalFileHeader.Bytes)
        {
            Begin(JournalFile.Create);
        }

        while (_files.Count > 1)
        {
            Retire(_files[0]).Delete();
        }

        while (_spares.TryDequeue(out var spare))
        {
            _unwanted.Enqueue(spare);
        }

        DeleteUnwanted();
    }

    public void Dispose()
    {
        foreach (var file in _files.Concat(_spares).Concat(_unwanted))
        {
            file.Dispose();
        }
    }

    /// <summary>The header of a file that begins with a commit.</summary>
    public static JournalFileHeader HeaderOf(uint fileNumber, long firstCommit) => new(
        JournalFileHeader.VersionKnown, fileNumber, firstCommit, BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(8)));

    private void Begin()
    {
        if (_spares.TryPeek(out var spare))
        {
            Begin(spare.BeginAgain);
            _spares.Dequeue();
        }
        else
        {
            Begin(JournalFile.Create);
        }

        _mustBegin = false;
        _fault(StoreStep.JournalFileBegun);
    }

    private void Begin(Func<string, JournalFileHeader, JournalFile> make)
    {
        var header = HeaderOf(++_lastFileNumber, LastNumber + 1);
        var file = make(_folder.FileOf(JournalFolder.NameOf(header.FileNumber)), header);
        _files.Add(file);
        Bodies.Add(file);
    }

    private void FreeMerged()
    {
        if (_files.Count > 1 && _files[1].FirstCommit <= MergedThrough + 1)
        {
            _sparesMax = _files.Count;
            while (_files.Count > 1 && _files[1].FirstCommit <= MergedThrough + 1)
            {
                _spares.Enqueue(Retire(_files[0]));
            }

            _fault(StoreStep.JournalTrimmed);
        }

        while (_spares.Count > _sparesMax)
        {
            _unwanted.Enqueue(_spares.Dequeue());
        }
    }

    private JournalFile Retire(JournalFile file)
    {
        _files.Remove(file);
        Bodies.Remove(file);
        return file;
    }
}
