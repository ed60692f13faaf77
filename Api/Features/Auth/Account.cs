using Platform.Tenancy;

namespace Platform.Api.Features.Auth;

/// <summary>A user with the one membership a token is for.</summary>
internal sealed record Account(
    Guid UserId,
    string Email,
    string Name,
    bool IsOperator,
    bool Disabled,
    Guid? TenantId,
    string? Tenant,
    string? Plan,
    bool Suspended,
    string[] Roles,
    string[] Permissions)
{
    public const string SuspendedDetail = "This tenant is suspended.";

    public static readonly string[] OperatorRoles = ["operator"];
    public static readonly string[] OperatorPermissions = [Tenancy.Permissions.PlatformOperate];

    /// <summary>Why there is no token for this account; null when there may be one.</summary>
    public string? Refusal => this switch
    {
        { Disabled: true } => "This account is disabled.",
        { IsOperator: true } => null,
        { TenantId: null } => "This account belongs to no tenant.",
        { Suspended: true } => SuspendedDetail,
        _ => null,
    };

    public string[] EffectiveRoles => IsOperator ? OperatorRoles : Roles;

    public string[] EffectivePermissions => IsOperator ? OperatorPermissions : Permissions;
}
