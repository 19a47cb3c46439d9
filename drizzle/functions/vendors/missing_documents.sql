-- requires: app.time_zone, app.weft_now, vendors.document_end
-- The required documents that vendors lack, with the reason: MISSING, EXPIRED, NOT_REVIEWED, or REJECTED. `document` is the one that the reason is about,
-- and `expired_at` when the last accepted one ended.
create or replace function vendors.missing_documents(wanted uuid[])
  returns table (vendor_id uuid, kind text, reason text, document uuid, title text, expired_at timestamptz) language sql as $$
  with clock as materialized (select app.time_zone() as zone, app.weft_now() as at)
  select v.id, r.kind, case d.rank when 1 then 'NOT_REVIEWED' when 2 then 'EXPIRED' when 3 then 'REJECTED' else 'MISSING' end, d.id, d.title, d.expired_at
    from vendors.document_requirements q
    cross join clock
    cross join lateral jsonb_to_recordset(q.requirements) as r (kind text, categories text[])
    join vendors.vendors v on v.tenant_id = q.tenant_id and v.id = any (wanted)
     and (r.categories = '{}' or exists (select from unnest(r.categories) of_rule join unnest(v.categories) own on lower(own) = lower(of_rule)))
    left join lateral (
      select p.id, p.title, p.rank, max(p.ends_at) filter (where p.status = 'ACCEPTED') over () as expired_at
        from (select c.id, c.title, c.status, c.ends_at, c.created_at,
                     case when c.status = 'ACCEPTED' and c.ends_at > clock.at then 0 when c.status = 'SUBMITTED' and c.ends_at > clock.at then 1
                          when c.status <> 'REJECTED' then 2 else 3 end as rank
                from (select o.id, o.title, o.status, o.created_at, vendors.document_end(o.valid_until, clock.zone) as ends_at
                        from vendors.documents o
                       where o.tenant_id = v.tenant_id and o.vendor_id = v.id and o.kind = r.kind and o.deleted_at is null) c) p
       order by p.rank, p.ends_at desc, p.created_at desc, p.id
       limit 1) d on true
   where q.tenant_id = app.tenant() and d.rank is distinct from 0
   order by v.id, r.kind
$$;
