using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Platform.Caching;

namespace Platform.Api.Http;

/// <summary>A finished 200: the body's bytes, its entity tag, its compressed variants, each made once.</summary>
internal sealed class CachedAnswer
{
    // In memory the compressed variants come on top of the body.
    public static readonly CacheCodec<CachedAnswer> Codec = new(answer => answer.Write(), Read, Weight: 1.5);

    private readonly Head _head;
    private AnswerBody? _brotli, _gzip;
    private LinkMemo? _link;

    private CachedAnswer(Head head, byte[] body)
    {
        _head = head;
        Body = new AnswerBody(body, head.Tag, null);
        Hit = new CachedAnswerResult(this, "true");
        Miss = new CachedAnswerResult(this, "false");
    }

    /// <summary>The body as it is.</summary>
    public AnswerBody Body { get; }

    /// <summary>Answers with <c>X-Cache-Hit: true</c>.</summary>
    public IResult Hit { get; }

    /// <summary>Answers with <c>X-Cache-Hit: false</c>.</summary>
    public IResult Miss { get; }

    public static CachedAnswer Create(byte[] body, IVersioned? row, Pagination? pagination) => new(
        new Head(
            row switch
            {
                null => Hash(body),
                { IsComposed: false, Version: var version } => version.ToString(CultureInfo.InvariantCulture),
                { Version: var version } => string.Create(CultureInfo.InvariantCulture, $"{version}{EntityVersion.DetailMark}{Hash(body)}"),
            },
            pagination),
        body);

    /// <summary>The body in the best encoding the client takes. Made by the first who asks; a second at the same time does no harm.</summary>
    public AnswerBody For(AcceptedEncoding accepted) => accepted switch
    {
        AcceptedEncoding.Brotli => _brotli ??= AnswerBody.Brotli(Body, _head.Tag),
        AcceptedEncoding.Gzip => _gzip ??= AnswerBody.Gzip(Body, _head.Tag),
        _ => Body,
    };

    /// <summary>Whether the client has this answer, in whatever encoding.</summary>
    public bool IsKnownTo(HttpRequest request) => EntityVersion.IsKnown(request.Headers.IfNoneMatch, _head.Tag);

    /// <summary>The list's <c>Link</c> header; written anew only when an address differs from the last one.</summary>
    public string? Link(HttpRequest request)
    {
        if (_head.Pagination is not { } pagination)
            return null;
        var (path, query) = (request.Path.Value, request.QueryString.Value);
        if (_link is { } known && known.Path == path && known.Query == query)
            return known.Link;
        var link = LinkHeader.Create(request, pagination);
        _link = new LinkMemo(path, query, link);
        return link;
    }

    // A line of JSON, which has no line break in it, then the body.
    private byte[] Write() => [.. JsonSerializer.SerializeToUtf8Bytes(_head), (byte)'\n', .. Body.Bytes];

    private static CachedAnswer? Read(byte[] bytes)
    {
        var end = bytes.AsSpan().IndexOf((byte)'\n');
        return end > 0 && JsonSerializer.Deserialize<Head>(bytes.AsSpan(0, end)) is { Tag: not null } head
            ? new CachedAnswer(head, bytes[(end + 1)..])
            : null;
    }

    private static string Hash(byte[] body) => Base64Url.EncodeToString(SHA256.HashData(body).AsSpan(0, 12));

    private sealed record Head(string Tag, Pagination? Pagination);

    private sealed record LinkMemo(string? Path, string? Query, string? Link);
}
