using System.ComponentModel;
using Platform.Api.Http;

namespace Platform.Api.Features.Members;

/// <param name="Roles">Names of the tenant's roles; with a change, null leaves them as they are.</param>
internal sealed record MemberInput(
    string? Email,
    [property: Description("Of a person who is new here; the part before the @ if absent.")] string? Name,
    [property: Description("Names of roles; only such as give no more than the caller holds.")] IReadOnlyList<string>? Roles);

internal sealed record MemberChange(
    [property: Description("Names of all roles the member shall have; absent: no change.")] IReadOnlyList<string>? Roles);

/// <param name="State"><c>active</c>, <c>invited</c> (has set no password yet) or <c>disabled</c>.</param>
internal sealed record MemberResponse(
    Guid UserId, string Email, string Name, IReadOnlyList<string> Roles, string State, DateTimeOffset JoinedAt, long Version) : IVersioned
{
    // Name and address are the user's, roles have names of their own, and whoever belongs to two tenants has one address in both.
    bool IVersioned.IsComposed => true;
}

/// <param name="Link">To be passed on to the person, who sets the password there; shown this once, null in the answer to a repeated request.</param>
internal sealed record InvitationResponse(string? Link, DateTimeOffset ExpiresAt);

/// <param name="Invitation">Null for somebody who has an account already.</param>
internal sealed record AddedMemberResponse(MemberResponse Member, InvitationResponse? Invitation);
