namespace Platform.Caching;

/// <summary>A value and where it came from.</summary>
/// <param name="Value">Shared with other callers: never change it.</param>
/// <param name="IsHit">True when the value was in the cache: what <c>X-Cache-Hit</c> says.</param>
public readonly record struct Cached<T>(T Value, bool IsHit);
