using Microsoft.Extensions.Logging;
using OrleansSegments.Storage.Faults;

namespace OrleansSegments.Storage.Embedded;

/// <summary>What every part of one open store shares.</summary>
internal sealed record StoreContext(EmbeddedStoreOptions Options, DataFolder Folder, StoreCondition Condition, FaultPoint Fault, ILogger Logger);
