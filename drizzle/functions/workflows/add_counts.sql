-- Adds two objects of counts, { name: number }. Counts of 0 are removed.
create or replace function workflows.add_counts(a jsonb, b jsonb) returns jsonb language sql immutable as $$
  select case when b = '{}' then a when a = '{}' then b else coalesce((
    select jsonb_object_agg(s.key, s.count) from (
      select e.key, sum(e.value::bigint) as count from (select * from jsonb_each_text(a) union all select * from jsonb_each_text(b)) e group by e.key
    ) s where s.count <> 0), '{}') end
$$;
