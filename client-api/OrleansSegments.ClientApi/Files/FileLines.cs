using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using OrleansSegments.Contracts.Exports;

namespace OrleansSegments.ClientApi.Files;

/// <summary>Writes the pages of an export as lines: CSV by RFC 4180 with a line of column names, or one JSON object on each.</summary>
internal static class FileLines
{
    private static readonly SearchValues<char> Quoted = SearchValues.Create(",\"\r\n");

    public static void Write(MembersExport page, bool isFirst, FileFormat format, ArrayBufferWriter<byte> to)
    {
        if (format == FileFormat.Csv)
        {
            WriteLine(to, isFirst, "customerId");
            Array.ForEach(page.CustomerIds, id => WriteLine(to, true, Field(id)));
            return;
        }

        using var json = new Utf8JsonWriter(to, Unvalidated);
        foreach (var id in page.CustomerIds)
        {
            json.WriteStartObject();
            json.WriteString("customerId"u8, id);
            EndLine(json, to);
        }
    }

    public static void Write(CustomersExport page, bool isFirst, FileFormat format, ArrayBufferWriter<byte> to)
    {
        if (format == FileFormat.Csv)
        {
            var asOf = page.Instant.AsOf.ToString("O", CultureInfo.InvariantCulture);
            WriteLine(to, isFirst, string.Join(',', (string[])["customerId", "segment", "modelVersion", "asOf", .. page.Features.Select(Field)]));
            foreach (var customer in page.Customers)
            {
                WriteLine(to, true, $"{Field(customer.Id)},{customer.Segment},{customer.ModelVersion},{asOf},{string.Join(',', customer.Values.Select(Number))}");
            }

            return;
        }

        using var json = new Utf8JsonWriter(to, Unvalidated);
        foreach (var customer in page.Customers)
        {
            json.WriteStartObject();
            json.WriteString("customerId"u8, customer.Id);
            json.WriteString("segment"u8, customer.Segment);
            json.WriteNumber("modelVersion"u8, customer.ModelVersion);
            json.WriteString("asOf"u8, page.Instant.AsOf);
            json.WriteStartObject("features"u8);
            foreach (var (index, value) in customer.Values.Index().Where(static value => double.IsFinite(value.Item)))
            {
                json.WriteNumber(page.Features[index], value);
            }

            json.WriteEndObject();
            EndLine(json, to);
        }
    }

    /// <summary>One writer for many documents: it would refuse the second.</summary>
    private static JsonWriterOptions Unvalidated => new() { SkipValidation = true };

    private static void EndLine(Utf8JsonWriter json, ArrayBufferWriter<byte> to)
    {
        json.WriteEndObject();
        json.Flush();
        to.Write("\n"u8);
        json.Reset();
    }

    private static void WriteLine(ArrayBufferWriter<byte> to, bool isWanted, string line)
    {
        if (isWanted)
        {
            Encoding.UTF8.GetBytes(line, to);
            to.Write("\n"u8);
        }
    }

    private static string Field(string text) => text.AsSpan().ContainsAny(Quoted) ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;

    /// <summary>Empty for a feature without a value.</summary>
    private static string Number(double value) => double.IsFinite(value) ? value.ToString("R", CultureInfo.InvariantCulture) : "";
}
