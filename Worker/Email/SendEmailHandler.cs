using Microsoft.Extensions.Options;
using Platform.Data.Email;
using Platform.Jobs;

namespace Platform.Worker.Email;

/// <summary>
/// Sends one e-mail. Should this process die after the server took it and before that is recorded, it is sent again, with the same
/// Message-ID.
/// </summary>
internal sealed class SendEmailHandler(IOptions<EmailOptions> options, TimeProvider time) : IJobHandler<SendEmail>
{
    public async Task<object?> RunAsync(SendEmail payload, JobContext context, CancellationToken cancellationToken)
    {
        if (!options.Value.IsConfigured)
            throw new PermanentJobException("E-mail isn't configured: Email:Host is not set.");
        var message = new EmailMessage(context.JobId.ToString("N"), payload.To, payload.ToName, payload.Subject, payload.Text);
        try
        {
            await using var connection = await SmtpConnection.OpenAsync(options.Value, time, cancellationToken);
            await connection.SendAsync(message, cancellationToken);
        }
        catch (FormatException e)
        {
            throw Failed(new PermanentJobException(e.Message, e), "refused");
        }
        catch (SmtpException e)
        {
            throw e.IsPermanent
                ? Failed(new PermanentJobException(e.Message, e), "refused")
                : Failed(new JobException(e.Message, e), "failed");
        }
        WorkerTelemetry.Emailed("sent");
        return null;
    }

    private static Exception Failed(Exception exception, string outcome)
    {
        WorkerTelemetry.Emailed(outcome);
        return exception;
    }
}
