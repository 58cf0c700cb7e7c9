using System.Buffers;

namespace OrleansSegments.Tools.Imports;

/// <summary>Decides where a record ends that may extend over several lines.</summary>
internal interface IRecordRule
{
    /// <returns>True when the record is complete with this line, false when it goes on, null when it cannot be one.</returns>
    bool? IsComplete(ReadOnlySpan<byte> line, bool isFirst);
}

/// <summary>
/// The records of a file: lines, joined where a rule says that one does not end the record. A record that is never completed spoils its first line
/// and no other: the lines after it are read again on their own. Memory is bounded by the largest record allowed.
/// </summary>
internal sealed class RecordReader(ImportSource source, int recordBytesMax, IRecordRule rule) : IDisposable
{
    private readonly Utf8LineReader _lines = new(source, recordBytesMax);
    private readonly ArrayBufferWriter<byte> _joined = new();

    /// <summary>Lines of the current record behind its first.</summary>
    private readonly List<Line> _more = [];

    /// <summary>Lines to be read again, the next one on top.</summary>
    private readonly Stack<Line> _ahead = new();

    private Line _first;
    private bool _isAhead;

    /// <summary>The line on which the record begins, counted from 1.</summary>
    public long Number => _isAhead ? _first.Number : _lines.Number;

    public bool IsTooLong { get; private set; }

    /// <summary>True when the record was never completed; <see cref="Current"/> is then its first line.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Valid until the next move; empty when the record is too long.</summary>
    public ReadOnlySpan<byte> Current => _more.Count > 0 ? _joined.WrittenSpan : _isAhead ? _first.Bytes : _lines.Current;

    public bool MoveNext()
    {
        _more.Clear();
        IsBroken = false;
        _isAhead = _ahead.TryPop(out _first);
        if (!_isAhead && !_lines.MoveNext())
            return false;

        IsTooLong = _isAhead ? _first.IsTooLong : _lines.IsTooLong;
        var isComplete = IsTooLong ? true : rule.IsComplete(Current, isFirst: true);
        if (isComplete != true)
            Complete(isComplete);
        return true;
    }

    /// <summary>Gives up on a record of several lines: it turns out to be none.</summary>
    /// <returns>False when it is a single line.</returns>
    public bool Split()
    {
        if (_more.Count == 0)
            return false;

        for (var index = _more.Count - 1; index >= 0; index--)
            _ahead.Push(_more[index]);
        _more.Clear();
        IsBroken = true;
        return true;
    }

    public void Dispose() => _lines.Dispose();

    private void Complete(bool? isComplete)
    {
        if (!_isAhead)
        {
            // The line reader's buffer moves on with the lines behind this one.
            _first = new Line(_lines.Current.ToArray(), _lines.Number, IsTooLong: false);
            _isAhead = true;
        }

        _joined.ResetWrittenCount();
        _joined.Write(_first.Bytes);
        while (isComplete == false && TakeLine() is { } line)
        {
            _more.Add(line);
            _joined.Write("\n"u8);
            _joined.Write(line.Bytes);
            isComplete = line.IsTooLong || _joined.WrittenCount > recordBytesMax ? null : rule.IsComplete(line.Bytes, isFirst: false);
        }

        if (isComplete != true && !Split())
            IsBroken = true;
    }

    private Line? TakeLine()
    {
        if (_ahead.TryPop(out var line))
            return line;

        return _lines.MoveNext() ? new Line(_lines.Current.ToArray(), _lines.Number, _lines.IsTooLong) : null;
    }

    private readonly record struct Line(byte[] Bytes, long Number, bool IsTooLong);
}
