namespace Platform.Web.Backend;

/// <summary>The value of an answer without one.</summary>
internal sealed record Nothing
{
    public static readonly Nothing Value = new();
}
