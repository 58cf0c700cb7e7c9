using System.Text.Json;
using System.Text.Json.Serialization;
using OrleansSegments.ClientApi.Backups;
using OrleansSegments.ClientApi.Changes;
using OrleansSegments.ClientApi.Customers;
using OrleansSegments.ClientApi.Errors;
using OrleansSegments.ClientApi.Events;
using OrleansSegments.ClientApi.Health;
using OrleansSegments.ClientApi.Hosting;
using OrleansSegments.ClientApi.Models;
using OrleansSegments.ClientApi.Segments;
using OrleansSegments.Contracts.Changes;
using OrleansSegments.Contracts.Models;

namespace OrleansSegments.ClientApi.Json;

/// <summary>How answers are written: camelCase, nothing left out, no reflection.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, Converters = [typeof(FiniteDoubleConverter)])]
[JsonSerializable(typeof(ErrorAnswer))]
[JsonSerializable(typeof(IngestionAnswer))]
[JsonSerializable(typeof(CustomerAnswer))]
[JsonSerializable(typeof(ExplanationAnswer))]
[JsonSerializable(typeof(CustomerHistoryAnswer))]
[JsonSerializable(typeof(SegmentsAnswer))]
[JsonSerializable(typeof(SegmentAnswer))]
[JsonSerializable(typeof(MembersAnswer))]
[JsonSerializable(typeof(SegmentHistoryAnswer))]
[JsonSerializable(typeof(ChangesAnswer))]
[JsonSerializable(typeof(TransitionView))]
[JsonSerializable(typeof(ModelAnswer))]
[JsonSerializable(typeof(ModelsAnswer))]
[JsonSerializable(typeof(RolloutProgress))]
[JsonSerializable(typeof(TrainingDemand))]
[JsonSerializable(typeof(TrainingAnswer))]
[JsonSerializable(typeof(BackupReport))]
[JsonSerializable(typeof(HealthAnswer))]
[JsonSerializable(typeof(RootAnswer))]
internal sealed partial class ClientApiJson : JsonSerializerContext;
