-- Everything here is temporary. The markers let an answer be checked for another tenant's rows: wherever a row holds an
-- address, it is one of its tenant's own domain.
CREATE TEMPORARY TABLE bench_tenants (rank int PRIMARY KEY, id uuid, slug text, marker text, plan text, contacts int, first bigint);

-- The n-th largest tenant is an n-th of the largest's size.
INSERT INTO bench_tenants
SELECT rank, id, slug, '@' || slug || '.example', plan, size, sum(size) OVER (ORDER BY rank) - size
FROM (SELECT n AS rank,
             ('00000000-0001-7000-8000-' || lpad(n::text, 12, '0'))::uuid AS id,
             't' || lpad(n::text, 5, '0') AS slug,
             CASE WHEN n <= 50 THEN 'enterprise' WHEN n <= 300 THEN 'pro' ELSE 'free' END AS plan,
             greatest(1, round(@rows / n / (SELECT sum(1.0 / k) FROM generate_series(1, @tenants) k)))::int AS size
      FROM generate_series(1, @tenants) n) s;

CREATE FUNCTION pg_temp.bench_first() RETURNS text[] LANGUAGE sql IMMUTABLE AS $$ SELECT ARRAY[
    'Avery','Rowan','Sasha','Quinn','Robin','Alex','Jamie','Morgan','Riley','Casey','Drew','Emery','Finley','Harper','Jordan','Kai',
    'Lane','Marlow','Nico','Oakley','Parker','Reese','Sage','Taylor','Umber','Vale','Wren','Yael','Zion','Blair','Corey','Devon'] $$;
CREATE FUNCTION pg_temp.bench_last() RETURNS text[] LANGUAGE sql IMMUTABLE AS $$ SELECT ARRAY[
    'Ash','Birch','Cedar','Dale','Elm','Field','Glen','Heath','Ives','Juniper','Knoll','Lake','Marsh','North','Orchard','Pine',
    'Quill','Reed','Stone','Thorn','Upton','Vale','Wood','Yarrow','Alder','Brook','Cliff','Dune','East','Fern','Grove','Hill',
    'Isle','Jasper','Kestrel','Linden','Moor','Nettle','Oak','Poplar','Rush','Shore','Tarn','Underhill','Vine','West','Yew','Acre',
    'Bank','Cove','Dell','Edge','Ford','Gate','Hollow','Inlet','Jay','Kite','Lark','Mead','Nest','Ouzel','Pond','Ridge'] $$;
CREATE FUNCTION pg_temp.bench_anchor() RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$ SELECT timestamptz '2026-06-01 00:00:00+00' $$;
-- A UUIDv7 of that time; the last part makes it unique.
CREATE FUNCTION pg_temp.bench_id(at timestamptz, h bigint, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || lpad(to_hex(h & 4095), 3, '0')
        || '8' || lpad(to_hex((h >> 12) & 4095), 3, '0') || lpad(to_hex(n), 12, '0'))::uuid $$;
-- Most rows are young: the age grows with the square of chance, up to two years.
CREATE FUNCTION pg_temp.bench_time(h bigint) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$
    SELECT pg_temp.bench_anchor() - make_interval(secs => 63072000 * power(((h >> 23) & 1048575) / 1048576.0, 2)) $$;
