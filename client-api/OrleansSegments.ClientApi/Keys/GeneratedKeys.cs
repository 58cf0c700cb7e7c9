using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Options;
using OrleansSegments.ClientApi.Settings;

namespace OrleansSegments.ClientApi.Keys;

/// <summary>
/// Random keys for a host on loopback without configured keys: a first try needs no set-up, yet other users' processes have no access. With
/// a folder they are made once and kept there, as the settings that they stand for; otherwise they last as long as the process.
/// </summary>
public sealed class GeneratedKeys
{
    public const string FileName = "keys.json";

    private const int KeyHexDigits = 32;
    private const int KeysKept = 2;

    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true };

    private static readonly (string Setting, string Prefix)[] Kinds =
        [(nameof(ClientApiOptions.WriteKeys), "wk_"), (nameof(ClientApiOptions.ReadKeys), "rk_"), (nameof(ClientApiOptions.AdminKeys), "ak_")];

    private readonly IOptionsMonitor<ClientApiOptions> _options;
    private readonly IConfigurationRoot _configuration;
    private readonly Lock _rotating = new();

    private GeneratedKeys(bool exist, string? file, IOptionsMonitor<ClientApiOptions> options, IConfigurationRoot configuration)
    {
        (Exist, File, _options, _configuration) = (exist, file, options, configuration);
    }

    /// <summary>False when keys are configured; then the three keys are null.</summary>
    public bool Exist { get; }

    /// <summary>The file that keeps them; null when they change with every start.</summary>
    public string? File { get; }

    public string? WriteKey => Newest(_options.CurrentValue.WriteKeys);

    public string? ReadKey => Newest(_options.CurrentValue.ReadKeys);

    public string? AdminKey => Newest(_options.CurrentValue.AdminKeys);

    /// <summary>Makes the keys, or finds those of an earlier start, and adds them to the settings.</summary>
    /// <param name="areNeeded">False when keys are configured.</param>
    /// <param name="folder">Where they are kept; null to keep them nowhere.</param>
    internal static Func<IOptionsMonitor<ClientApiOptions>, GeneratedKeys> AddTo(IConfigurationManager configuration, bool areNeeded, string? folder)
    {
        var file = areNeeded && folder is not null ? Path.Combine(folder, FileName) : null;
        if (file is not null)
        {
            if (!System.IO.File.Exists(file))
            {
                Write(file, Kinds.ToDictionary(kind => kind.Setting, kind => (string[])[NewKey(kind.Prefix)]));
            }

            // Polling looks at one file every few seconds; watching would be told of every write in the data folder.
            var files = new PhysicalFileProvider(folder!) { UsePollingFileWatcher = true, UseActivePolling = true };
            configuration.AddJsonFile(source =>
            {
                (source.FileProvider, source.Path, source.ReloadOnChange) = (files, FileName, true);

                // A file that cannot be read has no keys, which the key ring refuses to follow.
                source.OnLoadException = failure => failure.Ignore = true;
            });
            if (!configuration.GetSection(ClientApiOptions.SectionName).GetChildren().Any())
            {
                throw new IOException($"{file} holds no keys. Restore it, or delete it to get new keys.");
            }
        }
        else if (areNeeded)
        {
            configuration.AddInMemoryCollection(Kinds.ToDictionary(kind => $"{ClientApiOptions.SectionName}:{kind.Setting}:0", kind => (string?)NewKey(kind.Prefix)));
        }

        return options => new GeneratedKeys(areNeeded, file, options, (IConfigurationRoot)configuration);
    }

    /// <summary>The setting that holds the keys of a kind; null when there is no such kind.</summary>
    /// <param name="kind">write, read or admin.</param>
    internal static string? SettingOf(string? kind) => kind switch
    {
        "write" => nameof(ClientApiOptions.WriteKeys),
        "read" => nameof(ClientApiOptions.ReadKeys),
        "admin" => nameof(ClientApiOptions.AdminKeys),
        _ => null,
    };

    /// <summary>Makes a new key of a kind and keeps the previous one valid, at once and in the file; needs <see cref="File"/>.</summary>
    /// <param name="setting">WriteKeys, ReadKeys or AdminKeys.</param>
    internal string Rotate(string setting)
    {
        lock (_rotating)
        {
            var now = _options.CurrentValue;
            var keys = new Dictionary<string, string[]>
            {
                [nameof(ClientApiOptions.WriteKeys)] = now.WriteKeys,
                [nameof(ClientApiOptions.ReadKeys)] = now.ReadKeys,
                [nameof(ClientApiOptions.AdminKeys)] = now.AdminKeys,
            };
            var made = NewKey(Kinds.Single(kind => kind.Setting == setting).Prefix);
            keys[setting] = [made, .. keys[setting].Take(KeysKept - 1)];
            if (now.TraitsKeys.Length > 0)
            {
                // Somebody added them to the file.
                keys[nameof(ClientApiOptions.TraitsKeys)] = now.TraitsKeys;
            }

            Write(File!, keys);
            _configuration.Reload();
            return made;
        }
    }

    private static string NewKey(string prefix) => prefix + RandomNumberGenerator.GetHexString(KeyHexDigits, lowercase: true);

    private string? Newest(string[] keys) => Exist ? keys.FirstOrDefault() : null;

    /// <summary>Whole or not at all, and for this user only.</summary>
    private static void Write(string file, Dictionary<string, string[]> keys)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        var next = file + ".new";
        System.IO.File.Delete(next);
        using (var stream = new FileStream(next, options))
        {
            JsonSerializer.Serialize(stream, new Dictionary<string, Dictionary<string, string[]>> { [ClientApiOptions.SectionName] = keys }, Format);
            stream.Flush(flushToDisk: true);
        }

        System.IO.File.Move(next, file, overwrite: true);
    }
}
