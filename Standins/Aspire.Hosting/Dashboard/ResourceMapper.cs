using System.Collections;
using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Protocol = Aspire.Hosting.Dashboard.Protocol;

namespace Aspire.Hosting.Dashboard;

/// <summary>Turns the state of a resource into what the dashboard shows of it.</summary>
internal static class ResourceMapper
{
    /// <summary>Types whose telemetry the dashboard links to.</summary>
    private static readonly string[] KnownTypes = ["Project", "Executable", "Container", "Parameter", "ConnectionString"];

    public static Protocol.Resource Map(ResourceEvent change)
    {
        var snapshot = change.Snapshot;
        var resource = new Protocol.Resource
        {
            Name = change.ResourceId,
            Uid = change.ResourceId,
            DisplayName = change.Resource.Name,
            ResourceType = snapshot.ResourceType,
            State = snapshot.State?.Text ?? "",
            StateStyle = snapshot.State?.Style ?? "",
            IsHidden = snapshot.IsHidden || snapshot.State?.Text == KnownResourceStates.Hidden,
            SupportsDetailedTelemetry = KnownTypes.Contains(snapshot.ResourceType),
            IconName = snapshot.IconName ?? "",
            IconVariant = snapshot.IconVariant == IconVariant.Filled ? Protocol.IconVariant.Filled : Protocol.IconVariant.Regular,
        };
        if (Time(snapshot.CreationTimeStamp) is { } created) resource.CreatedAt = created;
        if (Time(snapshot.StartTimeStamp) is { } started) resource.StartedAt = started;
        if (Time(snapshot.StopTimeStamp) is { } stopped) resource.StoppedAt = stopped;
        resource.Environment.Add(snapshot.EnvironmentVariables.Select(Map));
        resource.Commands.Add(snapshot.Commands.Select(Map));
        resource.Properties.Add(OwnProperties(change).Concat(snapshot.Properties.Select(Map)).DistinctBy(property => property.Name));
        resource.Urls.Add(snapshot.Urls.Select(Map));
        resource.Volumes.Add(snapshot.Volumes.Select(Map));
        resource.HealthReports.Add(snapshot.HealthReports.Select(Map));
        resource.Relationships.Add(snapshot.Relationships.Select(Map));
        return resource;
    }

    private static IEnumerable<Protocol.ResourceProperty> OwnProperties(ResourceEvent change)
    {
        var snapshot = change.Snapshot;
        yield return Property("resource.uid", change.ResourceId);
        yield return Property("resource.name", change.ResourceId);
        yield return Property("resource.type", snapshot.ResourceType);
        yield return Property("resource.displayName", change.Resource.Name);
        yield return Property("resource.state", snapshot.State?.Text);
        yield return Property("resource.exitCode", snapshot.ExitCode?.ToString(CultureInfo.InvariantCulture));
        yield return Property("resource.createTime", snapshot.CreationTimeStamp);
        yield return Property("resource.startTime", snapshot.StartTimeStamp);
        yield return Property("resource.stopTime", snapshot.StopTimeStamp);
        yield return Property("resource.healthState", snapshot.HealthStatus?.ToString());
        // What the dashboard nests by; the relationship of the same meaning it only lists.
        if (ParentOf(change.Resource) is { } parent)
            yield return Property("resource.parentName", ResourceNotificationService.InstanceNames(parent)[0]);
    }

    private static IResource? ParentOf(IResource resource) => resource is IResourceWithParent child
        ? child.Parent
        : resource.Annotations.OfType<ResourceRelationshipAnnotation>().LastOrDefault(r => r.Type == KnownRelationshipTypes.Parent)?.Resource;

    private static Protocol.ResourceProperty Property(string name, object? value) => new() { Name = name, Value = ToValue(value) };

    /// <summary>Names, order and places of well-known properties are the dashboard's business; secrets it masks until asked.</summary>
    private static Protocol.ResourceProperty Map(ResourcePropertySnapshot property)
    {
        var result = Property(property.Name, property.Value);
        result.IsSensitive = property.IsSensitive;
        return result;
    }

    private static Protocol.EnvironmentVariable Map(EnvironmentVariableSnapshot variable) =>
        new() { Name = variable.Name, Value = variable.Value ?? "", IsFromSpec = variable.IsFromSpec };

    private static Protocol.ResourceCommand Map(ResourceCommandSnapshot command) => new()
    {
        Name = command.Name,
        DisplayName = command.DisplayName,
        DisplayDescription = command.DisplayDescription ?? "",
        ConfirmationMessage = command.ConfirmationMessage ?? "",
        IconName = command.IconName ?? "",
        IconVariant = command.IconVariant == IconVariant.Filled ? Protocol.IconVariant.Filled : Protocol.IconVariant.Regular,
        IsHighlighted = command.IsHighlighted,
        State = command.State switch
        {
            ResourceCommandState.Enabled => Protocol.ResourceCommandState.Enabled,
            ResourceCommandState.Disabled => Protocol.ResourceCommandState.Disabled,
            _ => Protocol.ResourceCommandState.Hidden,
        },
    };

    private static Protocol.Url Map(UrlSnapshot url) => new()
    {
        EndpointName = url.Name ?? "",
        FullUrl = url.Url,
        IsInternal = url.IsInternal,
        IsInactive = url.IsInactive,
        DisplayProperties = new() { DisplayName = url.DisplayProperties.DisplayName, SortOrder = url.DisplayProperties.SortOrder },
    };

    private static Protocol.Volume Map(VolumeSnapshot volume) =>
        new() { Source = volume.Source ?? "", Target = volume.Target, MountType = volume.MountType, IsReadOnly = volume.IsReadOnly };

    private static Protocol.ResourceRelationship Map(RelationshipSnapshot relationship) =>
        new() { ResourceName = relationship.ResourceName, Type = relationship.Type };

    private static Protocol.HealthReport Map(HealthReportSnapshot report)
    {
        var result = new Protocol.HealthReport
        {
            Key = report.Name,
            Description = report.Description ?? "",
            Exception = report.ExceptionText ?? "",
        };
        if (Time(report.LastRunAt) is { } time) result.LastRunAt = time;
        if (report.Status is { } status)
        {
            result.Status = status switch
            {
                HealthStatus.Healthy => Protocol.HealthStatus.Healthy,
                HealthStatus.Degraded => Protocol.HealthStatus.Degraded,
                _ => Protocol.HealthStatus.Unhealthy,
            };
        }
        return result;
    }

    private static Timestamp? Time(DateTime? time) => time is { } value ? Timestamp.FromDateTime(value.ToUniversalTime()) : null;

    private static Value ToValue(object? value) => value switch
    {
        null => Value.ForNull(),
        string text => Value.ForString(text),
        bool flag => Value.ForBool(flag),
        DateTime time => Value.ForString(time.ToString("o", CultureInfo.InvariantCulture)),
        int or long or double => Value.ForNumber(Convert.ToDouble(value, CultureInfo.InvariantCulture)),
        IEnumerable items => Value.ForList([.. items.Cast<object?>().Select(ToValue)]),
        _ => Value.ForString(Convert.ToString(value, CultureInfo.InvariantCulture) ?? ""),
    };
}
