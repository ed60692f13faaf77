namespace Platform.Statistics;

internal static class Share
{
    /// <param name="part">Of <paramref name="whole"/>.</param>
    /// <param name="ofNothing">When the whole is 0.</param>
    /// <returns>Percent, with two decimals.</returns>
    public static double Percent(long part, long whole, double ofNothing) => whole == 0 ? ofNothing : Math.Round(100.0 * part / whole, 2);
}
