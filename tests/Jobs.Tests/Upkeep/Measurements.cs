using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;

namespace Platform.Jobs.Tests.Upkeep;

/// <summary>Listens to the meters of one host among those that run beside it.</summary>
public sealed class Measurements : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, double> _values = new();

    public Measurements(WorkHost host)
    {
        var factory = host.Services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == "Platform.Jobs" && instrument.Meter.Scope == factory)
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Store(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Store(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>The latest value of a gauge, the sum of a counter, how often a histogram was told; NaN for none. Named <c>name{label,label}</c>.</summary>
    public double this[string name]
    {
        get
        {
            _listener.RecordObservableInstruments();
            return _values.GetValueOrDefault(name, double.NaN);
        }
    }

    public void Dispose() => _listener.Dispose();

    private void Store(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = new List<string>();
        foreach (var tag in tags)
            labels.Add($"{tag.Value}");
        var name = labels.Count == 0 ? instrument.Name : $"{instrument.Name}{{{string.Join(",", labels)}}}";
        _values.AddOrUpdate(name, _ => Counted(0), (_, old) => Counted(old));

        double Counted(double old) => instrument switch
        {
            Counter<long> => old + value,
            Histogram<double> => old + 1,
            _ => value,
        };
    }
}
