using Platform.Data.Email;
using Platform.Jobs;

namespace Platform.Worker.Email;

/// <summary>Registers sending of e-mails.</summary>
internal static class EmailExtensions
{
    public static void AddEmail(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<EmailOptions>().BindConfiguration(EmailOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddJobHandler<SendEmail, SendEmailHandler>();
    }
}
