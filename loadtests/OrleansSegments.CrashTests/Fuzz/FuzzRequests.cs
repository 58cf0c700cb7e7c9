using System.IO.Compression;
using System.Text;
using OrleansSegments.CrashTests.Http;

namespace OrleansSegments.CrashTests.Fuzz;

/// <summary>A request of any kind, right or broken.</summary>
/// <param name="Path">As it goes into the request line.</param>
public sealed record FuzzRequest(string Method, string Path, IReadOnlyList<(string Name, string Value)> Headers, byte[] Body);

/// <summary>Makes requests as a hostile or broken client would: equal seeds make equal requests.</summary>
/// <param name="seed">Of the whole sequence.</param>
public sealed class FuzzRequests(int seed)
{
    private static readonly string[] Paths =
    [
        "/v1/batch", "/v1/import/", "/v1/b", "/v1/track", "/v1/identify", "/v1/page", "/v1/screen", "/v1/group", "/v1/alias", "/v1/t/", "/v1/m", "/api/s/track",
        "/api/s/s2s/batch", "/v1/customers/%2E%2E/history", "/v1/customers/%00", "/v1/customers/a%2Fb", "/v1/segments?limit=-1", "/v1/changes?after=abc", "/v1/%ff", "/",
        "/v1/projects/x/settings", "/v1/model/train/", "/nothing/here",
    ];

    private static readonly string[] Encodings = ["gzip", "GZIP", "x-gzip", "gzip, identity", "br", "deflate", "identity", "zip", "gzip,gzip"];
    private static readonly string[] MediaTypes = ["application/json", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "x", "application/json; charset=utf-16"];
    private static readonly string[] Numbers = ["0", "-0", "1e400", "-1e-400", "12345678901234567890123", "1.5e3", "9007199254740993"];
    private static readonly string[] BrokenNumbers = ["00", "+1", ".5", "NaN", "Infinity", "0x1f", "1e"];
    private static readonly string[] Fields = ["type", "event", "userId", "anonymousId", "previousId", "messageId", "timestamp", "sentAt", "properties", "traits", "context", "integrations"];
    private static readonly string[] Texts =
        ["track", "identify", "Order Completed", "ada", "", " ", "\\u0000", "\\ud800", "caf\\u00e9", "café", "2026-01-01T00:00:00Z", "1970-01-01", "9999-12-31T23:59:59Z", "null", "😀", "\\\"", "$12.00"];

    private readonly Random _random = new(seed);

    public FuzzRequest Next()
    {
        byte[] body = Body();
        var headers = new List<(string, string)> { ("Content-Type", Any(MediaTypes)) };
        switch (_random.Next(6))
        {
            case 0:
                break;
            case 1:
                headers.Add(("Authorization", "Basic " + Any(["", "%%%", "bm9jb2xvbg==", new string('A', 9_000)])));
                break;
            case 2:
                headers.Add(("X-Write-Key", Any([SegmentsApi.WriteKey, SegmentsApi.WriteKey + ":secret", "wrong", new string('k', 3_000)])));
                break;
            default:
                headers.Add(("Authorization", "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(SegmentsApi.WriteKey + ":"))));
                break;
        }

        if (_random.Next(4) == 0)
        {
            headers.Add(("Content-Encoding", Any(Encodings)));
            body = _random.Next(5) == 0 ? body : Zip(body);
        }

        string path = _random.Next(3) == 0 ? Any(Paths) : Paths[_random.Next(10)];
        if (path.Contains("%00", StringComparison.Ordinal))
        {
            // No HTTP server parses this target; it is refused before its body is read, which would race with the client that still sends one.
            body = [];
        }

        return new FuzzRequest(_random.Next(20) == 0 ? Any(["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"]) : "POST", path, headers, body);
    }

    private byte[] Body()
    {
        string events = string.Join(',', Enumerable.Range(0, _random.Next(6)).Select(_ => Event()));
        byte[] body = Encoding.UTF8.GetBytes(_random.Next(16) switch
        {
            0 => Value(depth: 0),
            1 => Event(),
            2 => $"[{events}]",
            3 => new string('[', _random.Next(1, 3_000)),
            4 => $$"""{"batch":[{{events}}],"batch":{{Value(1)}},"sentAt":{{Value(5)}},"context":{{Value(2)}} }""",
            _ => $$"""{"batch":[{{events}}],"writeKey":"{{SegmentsApi.WriteKey}}"}""",
        });
        switch (_random.Next(24))
        {
            case 0:
                return body[.._random.Next(body.Length + 1)];
            case 1:
                for (int flips = _random.Next(1, 5); flips > 0 && body.Length > 0; flips--)
                {
                    body[_random.Next(body.Length)] = (byte)_random.Next(256);
                }

                return body;
            case 2:
                return [0xEF, 0xBB, 0xBF, .. body];
            case 3:
                return Encoding.Unicode.GetBytes(Encoding.UTF8.GetString(body));
            default:
                return body;
        }
    }

    private string Event() => _random.Next(3) == 0
        ? Object(Fields, depth: 1)
        : $$"""{"type":"{{Any(["track", "identify", "page", "group", "alias", "screen", "x"])}}","event":"Order Completed","userId":"fuzz-{{_random.Next(500)}}","messageId":"{{_random.Next()}}","properties":{{Value(2)}},"traits":{{Value(2)}},"context":{{Value(2)}} }""";

    private string Value(int depth) => _random.Next(depth > 6 ? 5 : 8) switch
    {
        0 => Any(_random.Next(50) == 0 ? BrokenNumbers : Numbers),
        1 => Any(["true", "false", "null"]),
        2 => _random.Next(50) == 0 ? $"\"{new string('x', 40_000)}\"" : $"\"{Any(Texts)}\"",
        3 => _random.Next().ToString(System.Globalization.CultureInfo.InvariantCulture),
        4 => "{}",
        5 => $"[{string.Join(',', Enumerable.Range(0, _random.Next(5)).Select(_ => Value(depth + 1)))}]",
        _ => Object(["revenue", "total", "currency", "products", "price", "quantity", "age", "age", "address", "caf\\u00e9", "café", "email", "rating", "timezone", ""], depth + 1),
    };

    private string Object(string[] names, int depth) =>
        $$"""{{{string.Join(',', Enumerable.Range(0, _random.Next(8)).Select(_ => $"\"{Any(names)}\":{Value(depth)}"))}}}""";

    private byte[] Zip(byte[] body)
    {
        // One in a hundred is a bomb: 32 MB of nothing in 32 KB.
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(_random.Next(100) == 0 ? new byte[32 * 1024 * 1024] : body);
        }

        byte[] bytes = packed.ToArray();
        return _random.Next(5) switch
        {
            0 => bytes[.._random.Next(bytes.Length)],
            1 when bytes.Length > 6 => [.. bytes[..^6], 1, 2, 3, 4, 5, 6],
            _ => bytes,
        };
    }

    private T Any<T>(T[] choices) => choices[_random.Next(choices.Length)];
}
