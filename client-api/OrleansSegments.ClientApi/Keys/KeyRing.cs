using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using OrleansSegments.ClientApi.Settings;

namespace OrleansSegments.ClientApi.Keys;

/// <summary>
/// Holds only the SHA-256 digests of the keys. A presented key is hashed and compared with every entry in constant time and without an
/// early exit, so that the duration reveals neither how much of a guess was right nor which key matched.
/// </summary>
internal sealed class KeyRing
{
    private readonly (byte[] Digest, KeyRights Rights)[] _entries;

    public KeyRing(IOptions<ClientApiOptions> options, GeneratedKeys generated)
    {
        var configured = options.Value;
        _entries =
        [
            .. Entries(generated.Exist ? [generated.WriteKey!] : configured.WriteKeys, KeyRights.Write),
            .. Entries(generated.Exist ? [generated.ReadKey!] : configured.ReadKeys, KeyRights.Read),
            .. Entries(generated.Exist ? [generated.AdminKey!] : configured.AdminKeys, KeyRights.Write | KeyRights.Read | KeyRights.Admin),
        ];
    }

    public KeyRights RightsOf(string key)
    {
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes(key));
        var rights = KeyRights.None;
        foreach (var (known, granted) in _entries)
        {
            rights |= CryptographicOperations.FixedTimeEquals(known, digest) ? granted : KeyRights.None;
        }

        return rights;
    }

    private static IEnumerable<(byte[] Digest, KeyRights Rights)> Entries(string[] keys, KeyRights rights) =>
        keys.Select(key => (SHA256.HashData(Encoding.UTF8.GetBytes(key)), rights));
}

/// <summary>
/// Random keys for a host on loopback without configured keys: a first try needs no set-up, yet other users' processes have no access. The
/// host prints them once; they are not stored and change with every start.
/// </summary>
public sealed class GeneratedKeys
{
    private const int KeyHexDigits = 32;

    public GeneratedKeys(IOptions<ClientApiOptions> options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Value.HasKeys)
        {
            return;
        }

        WriteKey = "wk_" + RandomNumberGenerator.GetHexString(KeyHexDigits, lowercase: true);
        ReadKey = "rk_" + RandomNumberGenerator.GetHexString(KeyHexDigits, lowercase: true);
        AdminKey = "ak_" + RandomNumberGenerator.GetHexString(KeyHexDigits, lowercase: true);
    }

    /// <summary>False when keys are configured; then all three are null.</summary>
    public bool Exist => WriteKey is not null;

    public string? WriteKey { get; }

    public string? ReadKey { get; }

    public string? AdminKey { get; }
}

/// <summary>The rights of a key. An admin key has all of them.</summary>
[Flags]
internal enum KeyRights
{
    None = 0,
    Write = 1,
    Read = 2,
    Admin = 4,
}
