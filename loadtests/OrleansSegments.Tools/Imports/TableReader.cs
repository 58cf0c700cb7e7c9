using System.Text;
using System.Text.Unicode;
using nietras.SeparatedValues;

namespace OrleansSegments.Tools.Imports;

/// <summary>
/// The rows of a text table with a header: delimiter detected, fields quoted by RFC 4180, line breaks inside quotes included. Rows that have not as many
/// columns as the header are counted as skipped and not handed out. A quote that is not closed spoils its own line and no other.
/// </summary>
internal sealed class TableReader : IDisposable
{
    private const int RowBytesMax = 1 << 18;

    private readonly ImportCounters _counters;
    private readonly RowRule _rule;
    private readonly RecordReader _rows;
    private readonly SepReaderOptions _quoted;
    private string[] _fields = [];

    /// <param name="delimiter">Null to detect it in the header.</param>
    public TableReader(ImportSource source, ImportCounters counters, char? delimiter = null)
    {
        _counters = counters;
        _rule = new RowRule(delimiter);
        _rows = new RecordReader(source, RowBytesMax, _rule);
        var hasHeader = _rows.MoveNext();
        while (hasHeader && _rows.Current.Trim(" \t"u8).IsEmpty)
            hasHeader = _rows.MoveNext();
        if (!hasHeader)
            throw ImportSource.Empty(source.Name);

        HeaderLine = _rows.Current.ToArray();
        _quoted = Sep.New(_rule.Delimiter).Reader(o => o with { HasHeader = false, DisableColCountCheck = true, Unescape = true });
        Header = Split(Encoding.UTF8.GetString(HeaderLine)) ?? [];
        for (var column = 0; column < Header.Length; column++)
            Header[column] = Header[column].Trim();
    }

    /// <summary>The names of the columns.</summary>
    public string[] Header { get; }

    public byte[] HeaderLine { get; }

    public char Delimiter => _rule.Delimiter;

    /// <summary>The line on which the current row begins.</summary>
    public long Line => _rows.Number;

    /// <summary>The current row as it stands in the file.</summary>
    public ReadOnlySpan<byte> Current => _rows.Current;

    /// <summary>A field of the current row, without blanks around it.</summary>
    public string this[int column] => _fields[column].Trim();

    /// <summary>A field of the current row as it stands there.</summary>
    public string Raw(int column) => _fields[column];

    /// <summary>Moves to the next row that can be read.</summary>
    public bool MoveNext()
    {
        while (_rows.MoveNext())
        {
            _counters.LinesRead++;
            if (Read())
                return true;
        }

        _counters.IsComplete = true;
        return false;
    }

    /// <summary>The place of the first of these columns that the table has; names are compared ignoring case, blanks and underscores. -1 when it has none.</summary>
    public int Find(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            var place = Array.IndexOf(Header, name);
            if (place < 0)
                place = Array.FindIndex(Header, column => Plain(column) == Plain(name));
            if (place >= 0)
                return place;
        }

        return -1;
    }

    /// <summary>Counts the current row as skipped because of one of its fields.</summary>
    public void Skip(string reason, int column = -1) =>
        _counters.Skip(reason, Line, column < 0 ? "" : Header[column], column < 0 ? "" : _fields[column]);

    public void Dispose() => _rows.Dispose();

    private static string Plain(string name) => name.Replace(" ", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal).ToUpperInvariant();

    private bool Read()
    {
        var fields = Fields();
        if (fields?.Length != Header.Length && _rows.Split())
            fields = null;

        var reason = _rows.IsTooLong ? SkipReasons.LineTooLong
            : _rows.Current.Trim(" \t"u8).IsEmpty ? SkipReasons.BlankLine
            : !Utf8.IsValid(_rows.Current) ? SkipReasons.NotUtf8
            : _rows.IsBroken || fields is null ? SkipReasons.DoesNotParse
            : fields.Length != Header.Length ? SkipReasons.WrongColumnCount
            : null;
        if (reason is null)
        {
            _fields = fields!;
            return true;
        }

        _counters.Skip(reason, Line, value: Encoding.UTF8.GetString(_rows.Current));
        return false;
    }

    private string[]? Fields() => _rows.IsTooLong || _rows.IsBroken || !Utf8.IsValid(_rows.Current) ? null : Split(Encoding.UTF8.GetString(_rows.Current));

    /// <returns>Null when the quotes of the row do not fit together.</returns>
    private string[]? Split(string row)
    {
        if (!_rule.HasQuotedField)
            return row.Split(_rule.Delimiter);

        using var reader = _quoted.FromText(row);
        if (!reader.MoveNext())
            return null;

        var columns = new string[reader.Current.ColCount];
        for (var column = 0; column < columns.Length; column++)
            columns[column] = reader.Current[column].ToString();
        return reader.MoveNext() ? null : columns;
    }

    /// <summary>A row ends with its line, unless a quoted field is open. A quote inside a field that does not begin with one is a letter like others.</summary>
    private sealed class RowRule(char? delimiter) : IRecordRule
    {
        private char? _delimiter = delimiter;
        private bool _isQuoted;

        public char Delimiter => _delimiter!.Value;

        public bool HasQuotedField { get; private set; }

        public bool? IsComplete(ReadOnlySpan<byte> line, bool isFirst)
        {
            if (!line.Trim(" \t"u8).IsEmpty)
                _delimiter ??= Detect(line);
            if (isFirst)
                _isQuoted = HasQuotedField = false;
            if (_isQuoted || line.Contains((byte)'"'))
                Scan(line);
            return !_isQuoted;
        }

        private void Scan(ReadOnlySpan<byte> line)
        {
            var isFieldStart = !_isQuoted;
            for (var index = 0; index < line.Length; index++)
            {
                if (_isQuoted && line[index] == '"')
                {
                    var isEscaped = index + 1 < line.Length && line[index + 1] == '"';
                    _isQuoted = isEscaped;
                    index += isEscaped ? 1 : 0;
                }
                else if (!_isQuoted)
                {
                    _isQuoted = isFieldStart && line[index] == '"';
                    HasQuotedField |= _isQuoted;
                    isFieldStart = line[index] == Delimiter;
                }
            }
        }

        /// <summary>Whichever of the usual delimiters the header has most often outside of quotes.</summary>
        private static char Detect(ReadOnlySpan<byte> header)
        {
            const string candidates = ",;\t|";
            Span<int> counts = stackalloc int[candidates.Length];
            var isQuoted = false;
            foreach (var letter in header)
            {
                isQuoted ^= letter == '"';
                var candidate = isQuoted ? -1 : candidates.IndexOf((char)letter, StringComparison.Ordinal);
                if (candidate >= 0)
                    counts[candidate]++;
            }

            var most = 0;
            for (var candidate = 1; candidate < counts.Length; candidate++)
                most = counts[candidate] > counts[most] ? candidate : most;
            return candidates[most];
        }
    }
}
