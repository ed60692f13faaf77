using System.ComponentModel;
using Microsoft.AspNetCore.Mvc;
using Platform.Api.Http;
using Platform.Data.Scheduling;

namespace Platform.Api.Features.Professionals;

/// <summary>Which professionals a list is of.</summary>
internal sealed record ProfessionalFilter(
    [property: FromQuery(Name = "active"), Description("`true`: those who can be booked; `false`: those who can't any more.")]
    bool? Active,
    [property: FromQuery(Name = "specialty"), Description("Those who have it, as it is written.")] string? Specialty,
    [property: FromQuery(Name = "search"), Description("Text to find in name, title and e-mail, at most 100 characters.")] string? Search)
{
    /// <returns>Null when the filter makes sense.</returns>
    public ProblemResult? Check(out ProfessionalFilter tidy)
    {
        var search = Search;
        var problem = SearchText.Check(ref search);
        tidy = this with { Search = search };
        if (problem is null
            && (Specialty?.Length > ProfessionalRules.MaxSpecialtyLength || Specialty?.Contains('\0', StringComparison.Ordinal) == true))
            problem = Problems.BadRequest($"'specialty' must be at most {ProfessionalRules.MaxSpecialtyLength} characters of text.");
        return problem;
    }

    /// <summary>What tells one filter from another, for a cache key and a cursor's list.</summary>
    public string KeyPart => $"{Active}~{Specialty}~{Search}";
}
