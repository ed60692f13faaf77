namespace Platform.Data.Seed;

/// <summary>Invented people; see <see cref="DemoSeed"/>.</summary>
internal static class DemoContacts
{
    public static readonly IReadOnlyList<DemoContact> Acme =
    [
        new("Marisol Venn", "marisol.venn@example.com", "+447700900100"),
        new("Tobias Harrow", "tobias.harrow@example.net", "+12025550101"),
        new("Ingrid Calloway", "ingrid.calloway@example.org", "+447700900102"),
        new("Desmond Pike", "desmond.pike@example.com", "+12025550103"),
        new("Yuki Tanabe-Holt", "yuki.tanabe-holt@example.net", "+447700900104"),
        new("Noor Albright", "noor.albright@example.org", "+12025550105"),
        new("Félix Aubrac", "felix.aubrac@example.com", "+447700900106"),
        new("Greta Lindqvist", "greta.lindqvist@example.net", "+12025550107"),
        new("Oluwaseun Brightwater", "oluwaseun.brightwater@example.org", "+447700900108"),
        new("Beatrix Underhill", "beatrix.underhill@example.com", "+12025550109"),
        new("Matteo Corsari", "matteo.corsari@example.net", "+447700900110"),
        new("Anneliese Kofler", "anneliese.kofler@example.org", "+12025550111"),
        new("Ruairí Donnellan", "ruairi.donnellan@example.com", "+447700900112"),
        new("Priya Sandalwood", "priya.sandalwood@example.net", "+12025550113"),
        new("Casimir Nowicki", "casimir.nowicki@example.org", "+447700900114"),
        new("Lucía Montemar", "lucia.montemar@example.com", "+12025550115"),
        new("Henrik Fjordgaard", "henrik.fjordgaard@example.net", "+447700900116"),
        new("Amara Silverstone", "amara.silverstone@example.org", "+12025550117"),
        new("Théo Lacombe", "theo.lacombe@example.com", "+447700900118"),
        new("Winifred Ashdown", "winifred.ashdown@example.net", "+12025550119"),
        new("Jonas Weidenfeld", "jonas.weidenfeld@example.org", "+447700900120"),
        new("Zofia Jarzębina", "zofia.jarzebina@example.com", "+12025550121"),
        new("Callum Redfern", "callum.redfern@example.net", "+447700900122"),
        new("Saoirse Millbrook", "saoirse.millbrook@example.org", "+12025550123"),
        new("Dimitar Kestenov", "dimitar.kestenov@example.com", "+447700900124"),
        new("Élodie Rivemont", "elodie.rivemont@example.net", "+12025550125"),
        new("Tariq Oakhurst", "tariq.oakhurst@example.org", "+447700900126"),
        new("Maren Solbakken", "maren.solbakken@example.com", "+12025550127"),
        new("Hugo Castelmar", "hugo.castelmar@example.net", "+447700900128"),
        new("Philippa Thornbury", "philippa.thornbury@example.org", "+12025550129"),
        new("Kenji Morikawa-Bell", "kenji.morikawa-bell@example.com", "+447700900130"),
        new("Odalys Primavera", "odalys.primavera@example.net", "+12025550131"),
        new("Bertram Hollyfield", "bertram.hollyfield@example.org", "+447700900132"),
        new("Nadia Winterbourne", "nadia.winterbourne@example.com", "+12025550133"),
        new("Søren Havblik", "soren.havblik@example.net", "+447700900134"),
        new("Clementine Farrow", "clementine.farrow@example.org", "+12025550135"),
        new("Ivo Marchetta", "ivo.marchetta@example.com", "+447700900136"),
        new("Leocadia Bright", "leocadia.bright@example.net", "+12025550137"),
        new("Quentin Marlowe-Reed", "quentin.marlowe-reed@example.org", "+447700900138"),
        new("Thandiwe Sunfield", "thandiwe.sunfield@example.com", "+12025550139"),
    ];

    public static readonly IReadOnlyList<DemoContact> Globex =
    [
        new("Rosalind Fernsby", "rosalind.fernsby@example.com", "+447700900060"),
        new("Emil Gartenfeld", "emil.gartenfeld@example.net", "+12025550161"),
        new("Ottoline Hedgerow", "ottoline.hedgerow@example.org", "+447700900062"),
        new("Bruno Campoverde", "bruno.campoverde@example.com", "+12025550163"),
        new("Maeve Orchard", "maeve.orchard@example.net", "+447700900064"),
    ];
}
