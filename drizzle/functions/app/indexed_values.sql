-- requires: app.is_encrypted
-- The values of an object's custom fields as app.custom_field_values has them: a row for each indexed field, also without a value. Such rows come last in
-- ascending order. Long texts are cut like those of workflows.instance_fields. The text of an encrypted value is its blind index.
create or replace function app.indexed_values(indexed jsonb, fields jsonb)
returns table (field text, type text, is_for_vendors boolean, is_set boolean, text_value text, number_value double precision)
language sql immutable parallel safe as $$
  select i.name, case when i.type in ('NUMBER', 'ENCRYPTED') then i.type else 'TEXT' end, coalesce(i."isForVendors", false), v.is_set,
         case when i.type = 'NUMBER' then '' when not v.is_set then chr(1114111) when length(v.text) > 200 then left(v.text, 200) || '…' else v.text end,
         case when i.type <> 'NUMBER' then 0 when v.is_set then v.text::double precision else 'Infinity' end
    from jsonb_to_recordset(indexed) as i(name text, type text, "isForVendors" boolean)
   cross join lateral (
     select case i.type when 'ENCRYPTED' then fields->i.name->>'$index' else fields->>i.name end as text,
            case i.type
              when 'ENCRYPTED' then coalesce(app.is_encrypted(fields->i.name) and fields->i.name ? '$index', false)
              else coalesce(jsonb_typeof(fields->i.name) = case i.type when 'NUMBER' then 'number' when 'BOOLEAN' then 'boolean' else 'string' end, false)
            end as is_set) v
$$;
