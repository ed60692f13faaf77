namespace Platform.Data.Images;

/// <summary>What pictures are of.</summary>
public static class ImageKinds
{
    /// <summary>Of a member, in one tenant; its owner is the user.</summary>
    public const string Avatar = "avatar";

    /// <summary>Of a tenant; its owner is the tenant.</summary>
    public const string Logo = "logo";

    /// <summary>The cache tag's subject of answers about a picture, for its owner.</summary>
    public const string CacheSubject = "images";

    /// <summary>The sizes one is kept in.</summary>
    public static IReadOnlyList<ImageTarget> TargetsOf(string kind) => kind switch
    {
        Avatar => [new ImageTarget(64, IsSquare: true), new ImageTarget(256, IsSquare: true)],
        Logo => [new ImageTarget(512, IsSquare: false)],
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "There are no pictures of this kind."),
    };
}
