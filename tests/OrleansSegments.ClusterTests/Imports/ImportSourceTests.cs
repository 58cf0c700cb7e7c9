using System.Text;
using OrleansSegments.Tools.Imports;
using Xunit;

namespace OrleansSegments.ClusterTests.Imports;

public sealed class ImportSourceTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("imports-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void An_unknown_format_names_the_known_ones()
    {
        var error = Assert.Throws<ImportException>(() => DataSetReaders.Find("parquet"));

        Assert.Equal(ImportFault.FormatUnknown, error.Fault);
        Assert.Contains("'parquet'", error.Message, StringComparison.Ordinal);
        Assert.Contains("online-retail-ii, cdnow, complete-journey, events-ndjson, csv", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_a_directory_and_an_empty_file_are_told_apart()
    {
        var missing = Path.Combine(_folder.FullName, "missing.csv");
        var empty = Path.Combine(_folder.FullName, "empty.csv");
        File.WriteAllBytes(empty, []);

        Assert.Equal(ImportFault.FileMissing, Fault(missing));
        Assert.Equal(ImportFault.FileIsDirectory, Fault(_folder.FullName));
        Assert.Equal(ImportFault.FileEmpty, Fault(empty));

        static ImportFault Fault(string path)
        {
            var error = Assert.Throws<ImportException>(() => ImportSource.Open(path));
            Assert.Contains($"'{path}'", error.Message, StringComparison.Ordinal);
            return error.Fault;
        }
    }

    [Theory]
    [InlineData("online-retail-ii", "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n")]
    [InlineData("cdnow", " customer_id  date number_of_cds  dollar_value\r\n")]
    [InlineData("events-ndjson", "")]
    public void A_file_without_a_data_line_is_empty_packed_or_not(string format, string content)
    {
        var packed = ImportSample.Gzip(Encoding.UTF8.GetBytes(content));

        Assert.Equal(ImportFault.FileEmpty, Assert.Throws<ImportException>(() => ImportSample.Read(format, packed)).Fault);
        Assert.Equal(ImportFault.FileEmpty, Assert.Throws<ImportException>(() => ImportSample.Read(format, content)).Fault);
    }

    [Theory]
    [InlineData("online-retail-ii", "customer_id,date\n1,2\n")]
    [InlineData("cdnow", "InvoiceNo,StockCode\n1,2\n")]
    [InlineData("cdnow", "one two three four\n1 19970101 1 1.00\n")]
    public void A_wrong_header_is_shown_with_the_one_that_is_expected(string format, string content)
    {
        var error = Assert.Throws<ImportException>(() => ImportSample.Read(format, content));

        Assert.Equal(ImportFault.HeaderWrong, error.Fault);
        Assert.Contains($"{format} begins with", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(error.Message, char.IsControl);
    }

    [Fact]
    public void Gzip_that_is_cut_anywhere_is_broken()
    {
        var whole = ImportSample.Gzip(Lines(400));

        foreach (var length in Enumerable.Range(2, 30).Concat(Enumerable.Range(1, 30).Select(fromEnd => whole.Length - fromEnd)).Append(whole.Length / 2))
        {
            var error = Assert.Throws<ImportException>(() => ImportSample.Read("events-ndjson", whole[..length]));
            Assert.True(error.Fault == ImportFault.GzipBroken, $"cut to {length} of {whole.Length} bytes: {error.Message}");
        }
    }

    [Fact]
    public void Gzip_with_a_changed_byte_is_broken_and_the_message_has_the_cure()
    {
        var packed = ImportSample.Gzip(Lines(400));
        packed[packed.Length / 2] ^= 0x55;

        var error = Assert.Throws<ImportException>(() => ImportSample.Read("events-ndjson", packed));

        Assert.Equal(ImportFault.GzipBroken, error.Fault);
        Assert.Contains("gzip -t", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Gzip_of_several_members_and_files_without_the_ending_gz_are_read_whole()
    {
        var path = Path.Combine(_folder.FullName, "events");
        File.WriteAllBytes(path, [.. ImportSample.Gzip(Lines(3)), .. ImportSample.Gzip(Lines(2))]);
        using var source = ImportSource.Open(path);
        var counters = new ImportCounters();

        Assert.Equal(5, DataSetReaders.Find("EVENTS-NDJSON").Read(source, counters).Count());
        Assert.True(source.IsGzip);
        Assert.Equal(source.Length, source.BytesRead);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Text_in_utf16_is_read_by_its_byte_order_mark(bool isPacked)
    {
        byte[] content = [.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes(Encoding.UTF8.GetString(Lines(3)))];

        Assert.Equal(3, ImportSample.Read("events-ndjson", isPacked ? ImportSample.Gzip(content) : content).Events.Count);
    }

    [Fact]
    public void A_zip_archive_and_text_of_two_bytes_a_letter_are_named_with_the_cure()
    {
        Assert.Contains("zip archive", Message([0x50, 0x4b, 3, 4, 20, 0]), StringComparison.Ordinal);
        Assert.Contains("iconv -f UTF-16LE", Message(Encoding.Unicode.GetBytes("{\"type\"")), StringComparison.Ordinal);

        static string Message(byte[] content)
        {
            var error = Assert.Throws<ImportException>(() => ImportSample.Read("events-ndjson", content));
            Assert.Equal(ImportFault.NotText, error.Fault);
            return error.Message;
        }
    }

    private static byte[] Lines(int count)
    {
        var text = new StringBuilder();
        for (var index = 0; index < count; index++)
            text.Append($$"""{"type":"track","event":"E","userId":"{{index * 7919 % 10007}}","timestamp":"2024-05-01T10:00:00Z"}""").Append('\n');

        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
