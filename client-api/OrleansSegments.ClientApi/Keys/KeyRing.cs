using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansSegments.ClientApi.Settings;

namespace OrleansSegments.ClientApi.Keys;

/// <summary>
/// Holds only the SHA-256 digests of the keys and follows the settings while the process runs. A presented key is hashed and compared with
/// every entry in constant time and without an early exit, so that the duration reveals neither how much of a guess was right nor which
/// key matched.
/// </summary>
internal sealed class KeyRing : IDisposable
{
    private readonly ILogger<KeyRing> _logger;
    private readonly IDisposable? _changes;
    private volatile (byte[] Digest, KeyRights Rights)[] _entries;

    public KeyRing(IOptionsMonitor<ClientApiOptions> options, ILogger<KeyRing> logger)
    {
        _logger = logger;
        _entries = EntriesOf(options.CurrentValue);
        _changes = options.OnChange(Follow);
    }

    public (KeyRights Rights, string Digest) Find(string key)
    {
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes(key));
        return (RightsOf(digest), Convert.ToBase64String(digest));
    }

    /// <summary>The present rights of a key that was found earlier; none once it was removed from the settings.</summary>
    /// <param name="digest">As <see cref="Find"/> returned it.</param>
    public KeyRights RightsOf(string digest) => RightsOf(Convert.FromBase64String(digest));

    public void Dispose() => _changes?.Dispose();

    private KeyRights RightsOf(byte[] digest)
    {
        var rights = KeyRights.None;
        foreach (var (known, granted) in _entries)
        {
            rights |= CryptographicOperations.FixedTimeEquals(known, digest) ? granted : KeyRights.None;
        }

        return rights;
    }

    private void Follow(ClientApiOptions changed)
    {
        // A file that is read while an editor writes it must not lock everybody out.
        if (!changed.HasKeys || changed.Validate(new ValidationContext(changed)).FirstOrDefault() is not null)
        {
            _logger.LogWarning("The settings changed and hold no valid keys; the keys from before stay valid. Correct the settings of ClientApi");
            return;
        }

        _entries = EntriesOf(changed);
    }

    private static (byte[] Digest, KeyRights Rights)[] EntriesOf(ClientApiOptions options) =>
    [
        .. Entries(options.WriteKeys, KeyRights.Write),
        .. Entries(options.ReadKeys, KeyRights.Read),
        .. Entries(options.TraitsKeys, KeyRights.Read | KeyRights.Traits),
        .. Entries(options.AdminKeys, KeyRights.Write | KeyRights.Read | KeyRights.Traits | KeyRights.Admin),
    ];

    private static IEnumerable<(byte[] Digest, KeyRights Rights)> Entries(string[] keys, KeyRights rights) =>
        keys.Select(key => (SHA256.HashData(Encoding.UTF8.GetBytes(key)), rights));
}

/// <summary>The rights of a key. An admin key has all of them.</summary>
[Flags]
internal enum KeyRights
{
    None = 0,
    Write = 1,
    Read = 2,
    Admin = 4,

    /// <summary>Sees personal traits; only together with <see cref="Read"/>.</summary>
    Traits = 8,
}
