using Microsoft.Extensions.Logging;
using OrleansSegments.Storage.Faults;
using OrleansSegments.Storage.Folder;

namespace OrleansSegments.Storage;

/// <summary>What every part of one open store shares.</summary>
internal sealed record StoreContext(
    SqliteStoreOptions Options, DataFolder Folder, StoreCondition Condition, FaultPoint Fault, TimeProvider Time, ILogger Logger);
