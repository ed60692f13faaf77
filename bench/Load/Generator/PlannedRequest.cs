using System.Text;

namespace Platform.Load.Generator;

/// <summary>A request the generator sends again and again.</summary>
/// <param name="Path">Path and query.</param>
/// <param name="Token">Bearer token; none when null.</param>
/// <param name="Weight">How often it is chosen, relative to the others.</param>
/// <param name="Marker">
/// What every occurrence of the plan's <see cref="LoadPlan.MarkerPrefix"/> in the answer must go on as; null: anything.
/// </param>
internal sealed record PlannedRequest(string Path, string? Token = null, double Weight = 1, string? Marker = null)
{
    public byte[] ToBytes() => Encoding.ASCII.GetBytes(
        $"GET {Path} HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n"
        + (Token is null ? "" : $"Authorization: Bearer {Token}\r\n")
        + "\r\n");
}
