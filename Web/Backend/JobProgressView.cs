namespace Platform.Web.Backend;

/// <param name="Total">0 while unknown.</param>
/// <param name="Percent">0 to 100.</param>
internal sealed record JobProgressView(long Done, long Total, int Percent);
