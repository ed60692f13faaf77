using System.Diagnostics.CodeAnalysis;

namespace Platform.Web.Backend;

/// <summary>An answer of the API: either the value or the problem, never both.</summary>
/// <param name="ETag">The version of the value, to be sent back as <c>If-Match</c>.</param>
internal sealed record ApiResult<T>(T? Value, ApiProblem? Problem, string? ETag = null)
{
    [MemberNotNullWhen(true, nameof(Value))]
    [MemberNotNullWhen(false, nameof(Problem))]
    public bool Succeeded => Problem is null;

    public static implicit operator ApiResult<T>(ApiProblem problem) => new(default, problem);
}
