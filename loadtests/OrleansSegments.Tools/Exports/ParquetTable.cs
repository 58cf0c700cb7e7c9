using System.Globalization;
using nietras.SeparatedValues;
using Parquet;
using Parquet.Schema;

namespace OrleansSegments.Tools.Exports;

/// <summary>Makes a Parquet file of the table of customers, one row group in memory at a time.</summary>
internal static class ParquetTable
{
    /// <summary>Rows of a group: with thirty features some 10 MB, and large enough for a reader to skip by.</summary>
    private const int GroupRows = 20_000;

    /// <summary>Columns before the features: customer, segment, model version, as-of time.</summary>
    private const int FixedColumns = 4;

    /// <param name="csv">The table with a line of column names.</param>
    /// <param name="tell">Called with the rows so far.</param>
    /// <returns>The number of rows.</returns>
    public static async Task<long> WriteAsync(Stream csv, Stream to, Action<long> tell, CancellationToken cancellationToken)
    {
        using SepReader rows = await Sep.New(',').Reader(static options => options with { Unescape = true }).FromAsync(csv, cancellationToken);
        var group = new RowGroup([.. rows.Header.ColNames.Skip(FixedColumns)]);
        await using ParquetWriter writer = await ParquetWriter.CreateAsync(group.Schema, to, cancellationToken: cancellationToken);
        long written = 0;
        bool isEnd = false;
        while (!isEnd)
        {
            isEnd = !await rows.MoveNextAsync(cancellationToken);
            if (!isEnd)
            {
                group.Add(rows.Current);
            }

            if (group.Rows == GroupRows || (isEnd && group.Rows > 0))
            {
                await group.WriteAsync(writer, cancellationToken);
                written += group.Rows;
                group.Clear();
                tell(written);
            }
        }

        return written;
    }

    /// <summary>Collects rows by column.</summary>
    private sealed class RowGroup
    {
        private readonly DataField<string> _customer = new("customer_id", nullable: false);
        private readonly DataField<string> _segment = new("segment", nullable: false);
        private readonly DataField<int> _modelVersion = new("model_version");
        private readonly DataField<DateTime> _asOf = new("as_of");
        private readonly DataField<double?>[] _features;

        private readonly List<string> _customers = [];
        private readonly List<string> _segments = [];
        private readonly int[] _modelVersions = new int[GroupRows];
        private readonly DateTime[] _asOfs = new DateTime[GroupRows];
        private readonly double?[][] _values;

        public RowGroup(string[] features)
        {
            _features = [.. features.Select(static name => new DataField<double?>(name))];
            _values = [.. features.Select(static _ => new double?[GroupRows])];
            Schema = new ParquetSchema([_customer, _segment, _modelVersion, _asOf, .. _features]);
        }

        public ParquetSchema Schema { get; }

        public int Rows => _customers.Count;

        public void Add(SepReader.Row row)
        {
            int at = Rows;
            _customers.Add(row[0].ToString());
            _segments.Add(row[1].ToString());
            _modelVersions[at] = row[2].Parse<int>();
            _asOfs[at] = DateTimeOffset.Parse(row[3].Span, CultureInfo.InvariantCulture).UtcDateTime;
            for (int feature = 0; feature < _values.Length; feature++)
            {
                ReadOnlySpan<char> cell = row[FixedColumns + feature].Span;
                _values[feature][at] = cell.IsEmpty ? null : double.Parse(cell, CultureInfo.InvariantCulture);
            }
        }

        public async Task WriteAsync(ParquetWriter writer, CancellationToken cancellationToken)
        {
            using ParquetRowGroupWriter group = writer.CreateRowGroup();
            await group.WriteAsync(_customer, _customers);
            await group.WriteAsync(_segment, _segments);
            await group.WriteAsync<int>(_modelVersion, _modelVersions.AsMemory(0, Rows), cancellationToken: cancellationToken);
            await group.WriteAsync<DateTime>(_asOf, _asOfs.AsMemory(0, Rows), cancellationToken: cancellationToken);
            for (int feature = 0; feature < _features.Length; feature++)
            {
                await group.WriteAsync<double>(_features[feature], _values[feature].AsMemory(0, Rows), cancellationToken: cancellationToken);
            }

            group.CompleteValidate();
        }

        public void Clear()
        {
            _customers.Clear();
            _segments.Clear();
        }
    }
}
