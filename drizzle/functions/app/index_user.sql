-- Rewrites the search terms of a user; called after each change of name, email or user name. Not a trigger: Citus has none on distributed tables.
-- Users of a vendor cannot delete rows, but can change their own name, so the vendor is unset meanwhile.
create or replace procedure app.index_user(person uuid) language plpgsql as $$
declare
  vendor text := current_setting('app.vendor_id', true);
begin
  perform set_config('app.vendor_id', '', true);
  delete from identity.user_search_terms t where t.tenant_id = app.tenant() and t.user_id = person;
  insert into identity.user_search_terms (tenant_id, user_id, term, name, vendor_id)
    select u.tenant_id, u.id, t.term, u.name, u.vendor_id from identity.users u, app.search_terms(u.name, u.email, u.username) as t (term)
     where u.tenant_id = app.tenant() and u.id = person;
  perform set_config('app.vendor_id', coalesce(vendor, ''), true);
end $$;
