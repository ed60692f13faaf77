namespace Platform.Data.Images;

/// <summary>A size a picture is kept in.</summary>
/// <param name="Size">Pixels of the longer side.</param>
/// <param name="IsSquare">True: enlarged or reduced to the square and cut off what is over. False: reduced to fit, never enlarged.</param>
public readonly record struct ImageTarget(int Size, bool IsSquare);
