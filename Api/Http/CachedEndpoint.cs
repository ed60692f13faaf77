namespace Platform.Api.Http;

/// <summary>Marks endpoints that <see cref="CachedAnswers"/> answers.</summary>
internal sealed class CachedEndpoint
{
    public static readonly CachedEndpoint Instance = new();
}
