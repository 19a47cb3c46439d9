-- requires: app.is_encrypted
-- The values of an object's custom fields as app.custom_field_values has them: a row for each indexed field, also without a value. Such rows come last in
-- ascending order. Long texts are cut like those of workflows.instance_fields. The text of an encrypted value is its blind index. A value of an encrypted field
-- that is not encrypted yet is a text like those of other fields.
create or replace function app.indexed_values(indexed jsonb, fields jsonb)
returns table (field text, type text, is_for_vendors boolean, is_set boolean, text_value text, number_value double precision)
language sql immutable parallel safe as $$
  select i.name, case when i.type in ('NUMBER', 'ENCRYPTED') then i.type else 'TEXT' end, i.is_for_vendors, v.is_set,
         case when i.type = 'NUMBER' then '' when not v.is_set then chr(1114111) when length(v.text) > 200 then left(v.text, 200) || '…' else v.text end,
         case when i.type <> 'NUMBER' then 0 when v.is_set then v.text::double precision else 'Infinity' end
    from (
      select d.name, case when d.type = 'ENCRYPTED' and jsonb_typeof(fields->d.name) = 'string' then 'TEXT' else d.type end as type,
             coalesce(d."isForVendors", false) as is_for_vendors
        from jsonb_to_recordset(indexed) as d(name text, type text, "isForVendors" boolean)) i
   cross join lateral (
     select case i.type when 'ENCRYPTED' then fields->i.name->>'$index' else fields->>i.name end as text,
            case i.type
              when 'ENCRYPTED' then coalesce(app.is_encrypted(fields->i.name) and fields->i.name ? '$index', false)
              else coalesce(jsonb_typeof(fields->i.name) = case i.type when 'NUMBER' then 'number' when 'BOOLEAN' then 'boolean' else 'string' end, false)
            end as is_set) v
$$;
