namespace Platform.Web.Components.Parts;

/// <param name="Id">Tells equal texts apart.</param>
internal sealed record Notice(int Id, string Text, bool IsProblem);
