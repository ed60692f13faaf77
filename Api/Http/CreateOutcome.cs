namespace Platform.Api.Http;

/// <summary>What came of creating something: the answer to keep, or why it wasn't created.</summary>
internal readonly record struct CreateOutcome(StoredResponse? Response, IResult? Problem)
{
    public static implicit operator CreateOutcome(StoredResponse response) => new(response, null);

    public static implicit operator CreateOutcome(ProblemResult problem) => new(null, problem);
}
