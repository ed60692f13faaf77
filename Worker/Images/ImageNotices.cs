using System.Text.Json;
using Platform.Caching;
using Platform.Data.Images;
using Platform.Events;
using Platform.Tenancy;

namespace Platform.Worker.Images;

/// <summary>Says what has become of an upload.</summary>
internal sealed class ImageNotices(TenantCache cache, ITenantEvents events)
{
    /// <summary>Drops cached answers, then tells the tenant's users. What is told is done already, hence no token.</summary>
    /// <param name="status">One of <see cref="ImageStatus"/>.</param>
    public async Task TellAsync(TenantId tenant, UploadedImage image, string status)
    {
        await cache.InvalidateAsync(CacheTag.For(tenant, ImageKinds.CacheSubject, image.Kind, image.OwnerId));
        var data = JsonSerializer.SerializeToElement(new { image.Kind, image.OwnerId, image.UploadId }, JsonSerializerOptions.Web);
        await events.PublishAsync(tenant, new TenantEvent($"image.{status}", data), CancellationToken.None);
    }
}
